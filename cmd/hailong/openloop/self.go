package openloop

import (
	"runtime/metrics"
	"time"
)

// Gauge measures the generator itself.
type Gauge struct {
	began time.Time
	cpu   time.Duration
}

// NewGauge begins to measure.
func NewGauge() Gauge { return Gauge{began: time.Now(), cpu: cpuTime()} }

// Generator is what it took since then.
func (g Gauge) Generator(lateShare float64) Generator {
	memory := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(memory)
	return Generator{
		CPU:       (cpuTime() - g.cpu).Seconds() / max(time.Since(g.began).Seconds(), 1e-9),
		MemoryMB:  float64(memory[0].Value.Uint64()) / (1 << 20),
		LateShare: lateShare,
	}
}

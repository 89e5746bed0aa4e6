package analytics

import (
	"math"
	"testing"
)

func TestBetaBinomialTail(t *testing.T) {
	t.Parallel()
	tests := []struct {
		k, n   int
		q, rho float64
		want   float64
	}{
		{0, 12, 0.3, 0.1, 1},
		{8, 10, 0.5, 1.0 / 3, 3.0 / 11}, // shares all alike: every count is as likely
		{10, 10, 0.5, 1e-9, 1.0 / 1024}, // no likeness: the binomial
		{11, 10, 0.5, 0.1, 0},
	}
	for _, tt := range tests {
		if got := betaBinomialTail(tt.k, tt.n, tt.q, tt.rho); math.Abs(got-tt.want) > 1e-6 {
			t.Errorf("P(X ≥ %d) of %d is %g, want %g", tt.k, tt.n, got, tt.want)
		}
	}
}

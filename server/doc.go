// Package server is the web side of Hailong and the only importer of Fiber: the citizen's form, the staff
// pages with their posters, the API, the probes and the metrics. It parses, calls surveys and analytics, and renders; it decides nothing about
// answers or figures. New builds it from its parts; Serve runs it until its context ends.
package server

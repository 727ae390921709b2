package api

import (
	"io"
	"net/http"

	"github.com/bitcloak/bitcloak/wire"
)

// handover answers POST /v1/handover: another worker's signed request in, the seed
// sealed to the request's key out.
func (s *Server) handover(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxHandoverRequest))
	if err != nil {
		s.config.Metrics.refuse("length")
		s.refuse(w, http.StatusBadRequest, ErrRequest)
		return
	}
	leave, err := s.enter(r.Context())
	if err != nil {
		s.config.Metrics.refuse("busy")
		s.refuseService(w, err)
		return
	}
	answer, err := s.config.Service.Handover(r.Context(), body)
	leave()
	if err != nil {
		s.reportInternal(err)
		s.refuseService(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(answer)
}

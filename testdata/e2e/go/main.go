// Command tally counts the requests that it answered and names each of them.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"sync/atomic"

	"github.com/google/uuid"
)

type reply struct {
	Request string `json:"request"`
	Count   int64  `json:"count"`
}

func handler(count *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(reply{uuid.NewString(), count.Add(1)}); err != nil {
			log.Print(err)
		}
	})
}

func main() {
	log.Fatal(http.ListenAndServe(":9090", handler(new(atomic.Int64))))
}

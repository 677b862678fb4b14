package main

import (
	"encoding/json"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

func TestCountsRequests(t *testing.T) {
	count := new(atomic.Int64)
	var got reply
	for range 2 {
		recorder := httptest.NewRecorder()
		handler(count).ServeHTTP(recorder, httptest.NewRequest("GET", "/", nil))
		if err := json.Unmarshal(recorder.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
	}
	if got.Count != 2 || len(got.Request) != 36 {
		t.Fatalf("unexpected reply %+v", got)
	}
}

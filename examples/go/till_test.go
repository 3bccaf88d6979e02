package till

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"testing"
)

// operator is the control API of mock-ofd serve, at the address in OFD.
type operator struct {
	*testing.T
	url string
}

type made struct{ ID, Token string }

// fresh is an operator that has forgotten every other test.
func fresh(t *testing.T) operator {
	ofd := operator{t, os.Getenv("OFD")}
	if ofd.url == "" {
		ofd.url = "http://127.0.0.1:8080"
	}
	ofd.ask("POST", "/reset", nil, nil)
	return ofd
}

func (ofd operator) ask(method, path string, body, answer any) {
	ofd.Helper()
	var data []byte
	if body != nil {
		data, _ = json.Marshal(body)
	}
	request, err := http.NewRequest(method, ofd.url+"/control"+path, bytes.NewReader(data))
	if err != nil {
		ofd.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		ofd.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		ofd.Fatalf("%s %s: %s", method, path, response.Status)
	}
	if answer != nil {
		if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
			ofd.Fatal(err)
		}
	}
}

func (ofd operator) till() *Till {
	ofd.Helper()
	var list struct{ Items []made }
	ofd.ask("POST", "/registers", map[string]any{"protocol": "http"}, &list)
	till, err := New(ofd.url, list.Items[0].ID, list.Items[0].Token)
	if err != nil {
		ofd.Fatal(err)
	}
	return till
}

func TestAReceiptWhoseAnswerWasLostIsThereOnce(t *testing.T) {
	ofd := fresh(t)
	till := ofd.till()
	ofd.ask("PUT", "/faults/lost-answer", map[string]any{
		"at":      "after_commit",
		"effects": []any{map[string]any{"kind": "lose_answer"}},
		"when":    map[string]any{"command": "document", "times": 1},
	}, nil)

	answer, err := till.Sell("Bread", 250_00)
	if err != nil || answer.Result != "accepted" {
		t.Fatal(answer, err)
	}

	var verdict struct {
		Met  bool
		Text string
	}
	ofd.ask("POST", "/wait", map[string]any{
		"expected": map[string]any{"register": till.ID, "total": 250_00, "items[0].name": "Bread"}, "within_s": 5,
	}, &verdict)
	if !verdict.Met {
		t.Error(verdict.Text)
	}
	var check struct {
		Right bool
		Text  string
	}
	ofd.ask("GET", "/check", nil, &check)
	if !check.Right {
		t.Error(check.Text)
	}
}

func TestTheShiftOfADayIsOver(t *testing.T) {
	ofd := fresh(t)
	till := ofd.till()
	if answer, err := till.Sell("Milk", 480_00); err != nil || answer.Result != "accepted" {
		t.Fatal(answer, err)
	}
	var clock struct{ Now int64 }
	ofd.ask("POST", "/clock/move", map[string]any{"hours": 25}, &clock)
	till.Now = clock.Now
	if answer, err := till.Sell("Milk", 480_00); err != nil || answer.Code != "shift_expired" {
		t.Error(answer, err)
	}
}

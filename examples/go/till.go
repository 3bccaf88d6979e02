// Package till is a till that sells over HTTP: the code under test.
package till

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Till sells, and sends a receipt again when no answer came.
type Till struct {
	Address, ID, Token string
	Now                int64
	number             int
	client             http.Client
}

// Answer is what the operator says to a message.
type Answer struct {
	Result, Code, Sign string
}

// New makes a till and says hello for it.
func New(url, id, token string) (*Till, error) {
	till := &Till{Address: url + "/api/v1/registers/" + id, ID: id, Token: token, Now: time.Now().UnixMilli()}
	till.client.Timeout = 1500 * time.Millisecond
	_, err := till.send("/hello", map[string]any{"register": id, "token": token, "software": "example"})
	return till, err
}

// Sell issues a receipt and delivers it.
func (till *Till) Sell(name string, price int64) (Answer, error) {
	till.number++
	receipt := map[string]any{
		"kind": "receipt", "id": fmt.Sprintf("%012x70008%015x", till.Now, till.number),
		"number": till.number, "shift": 1, "issued_at": till.Now,
		"cashier": map[string]any{"code": 1, "name": "Aigul"}, "operation": "sell",
		"items":    []any{map[string]any{"name": name, "price": price, "quantity": 1000, "sum": price}},
		"payments": []any{map[string]any{"kind": "card", "sum": price}}, "total": price,
	}
	answer, err := till.send("/documents", map[string]any{"content": receipt})
	if err != nil {
		answer, err = till.send("/documents", map[string]any{"content": receipt})
	}
	return answer, err
}

func (till *Till) send(path string, message any) (answer Answer, err error) {
	body, err := json.Marshal(message)
	if err != nil {
		return answer, err
	}
	request, err := http.NewRequest(http.MethodPost, till.Address+path, bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+till.Token)
	response, err := till.client.Do(request)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	return answer, json.NewDecoder(response.Body).Decode(&answer)
}

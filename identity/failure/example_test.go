package failure_test

import (
	"fmt"
	"log"
	"time"

	"github.com/groundway-sdk/groundway/identity/dex"
	"github.com/groundway-sdk/groundway/identity/failure"
)

// All instances of dex are down for a quarter of an hour.
func ExampleSimulate() {
	config := dex.Config{Issuer: "https://console.example.com/identity", EnablePasswordDB: true, Expiry: dex.SafeExpiry()}
	result, err := failure.Simulate(failure.NewModel(config, 2), failure.Outage{Kind: failure.AllInstances, Lasts: 15 * time.Minute})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("risk:", result.Risk)
	for _, effect := range result.Effects {
		switch effect.Activity {
		case failure.LogIn, failure.Renew, failure.UseToken:
			fmt.Println(effect.Words())
		}
	}
	// Output:
	// risk: low
	// log in by local: fails at once. No instance of dex answers.
	// renew a token by local: fails for each at the end of the own token, 1h after the outage began at the latest; for 25 % of all before it ends. No instance of dex answers.
	// use a token: works. The API server keeps the keys that it has seen, past their age, until it starts anew.
}

// How likely it is that a rotation of the key falls within the time for which the API
// server keeps its copy.
func ExampleModel_Chance() {
	m := failure.NewModel(dex.Config{}, 2)
	fmt.Printf("%s, %.1f %% of all starts of an API server\n", m.Window(), 100*m.Chance())
	// Output:
	// 9m30s, 2.6 % of all starts of an API server
}

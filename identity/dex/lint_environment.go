package dex

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/groundway-sdk/groundway/internal/verdict"
)

// checkEnvironment looks for variables that are not set, and for dollars that name
// none.
func checkEnvironment(k *linter) {
	refer := func(path, name, detail string) {
		if name == "" {
			return
		}
		if k.o.Environment == nil {
			k.Unseen(codeEnvUnset, path, "the variables that are set for dex were not given")
			return
		}
		k.Require(k.o.Environment[name], verdict.Fault{
			Code: codeEnvUnset, Path: path, Got: name + " is not set", Want: name + " is set", Summary: words(path) + " refers to the variable " + quote(name) + ", which is not set.",
			Detail: detail,
		})
	}
	for i, c := range k.c.StaticClients {
		path := fmt.Sprintf("/staticClients/%d/", i)
		refer(path+"idEnv", c.IDEnv, "")
		refer(path+"secretEnv", c.SecretEnv, "")
	}
	for i, p := range k.c.StaticPasswords {
		if p.Hash.IsZero() {
			refer(fmt.Sprintf("/staticPasswords/%d/hashFromEnv", i), p.HashFromEnv, "Dex does not start without the hash.")
		}
	}
	expand := func(path string, config any) {
		v := reflect.ValueOf(config)
		if !v.IsValid() {
			return
		}
		texts(v, path, func(path, text string) {
			if !strings.Contains(text, "$") {
				return
			}
			k.Require(!hasStray(text), verdict.Fault{
				Code: codeEnvStray, Path: path, Got: "a dollar that names no variable", Want: "$NAME or ${NAME}", Summary: words(path) + " has a dollar that names no variable.",
			})
			for _, name := range references(text) {
				if isName(name) {
					refer(path, name, "")
				}
			}
		})
	}
	expand("/storage/config", k.c.Storage.Config)
	expand("/signer/config", k.c.Signer.Config)
	for i, c := range k.c.Connectors {
		expand(fmt.Sprintf("/connectors/%d/config", i), c.Config)
	}
}

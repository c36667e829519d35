package dex

import (
	"fmt"
	"reflect"
	"strings"
)

// checkEnvironment looks for variables that are not set, and for dollars that name
// none.
func checkEnvironment(k *linter) {
	refer := func(path, name string) {
		if name == "" {
			return
		}
		if k.o.Environment == nil {
			k.unseen(codeEnvUnset, path, "the variables that are set for dex were not given")
			return
		}
		k.judge(k.o.Environment[name], fault{
			code: codeEnvUnset, path: path, got: name + " is not set", want: name + " is set", summary: words(path) + " refers to the variable " + quote(name) + ", which is not set.",
		})
	}
	for i, c := range k.c.StaticClients {
		path := fmt.Sprintf("/staticClients/%d/", i)
		refer(path+"idEnv", c.IDEnv)
		refer(path+"secretEnv", c.SecretEnv)
	}
	for i, p := range k.c.StaticPasswords {
		if p.Hash.IsZero() {
			refer(fmt.Sprintf("/staticPasswords/%d/hashFromEnv", i), p.HashFromEnv)
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
			k.judge(!hasStray(text), fault{
				code: codeEnvStray, path: path, got: "a dollar that names no variable", want: "$NAME or ${NAME}", summary: words(path) + " has a dollar that names no variable.",
			})
			for _, name := range references(text) {
				if isName(name) {
					refer(path, name)
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

// Package capacityfake answers for the services beside EC2 that an account's room
// is read from: Service Quotas, Elastic Load Balancing in both versions, IAM for
// service-linked roles, and KMS for one key.
package capacityfake

import (
	"encoding/json"
	"strings"

	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/network/capacity"
)

// A World is what the services answer from.
type World struct {
	Quotas   []capacity.Quota // those with Default are listed as defaults alone
	Classic  int              // Classic Load Balancers
	Balancer []string         // the types of the others: "network"
	Roles    []string         // names
	MayMake  bool             // service-linked roles
	KeyOwner string           // AWS or CUSTOMER
	Policy   string           // of the key
	Grantees []string         // ARNs that may have data keys of it
}

// Services returns the services.
func (w World) Services() []awsfake.Service {
	return []awsfake.Service{w.quotas(), w.balancing(), w.iam(), w.kms()}
}

func page[T any](r awsfake.Request, token string, size int, items []T) ([]T, string, error) {
	start, end, next, err := r.Page(token, size, len(items))
	return append([]T{}, items[start:end]...), next, err
}

func (w World) quotas() awsfake.Service {
	type quota struct {
		ServiceCode, QuotaCode string
		Value                  float64
	}
	list := func(byDefault bool) awsfake.Operation {
		return func(r awsfake.Request) (any, error) {
			var in struct {
				ServiceCode, NextToken string
				MaxResults             int
			}
			if err := json.Unmarshal(r.Body, &in); err != nil {
				return nil, awsfake.Errorf("SerializationException", "the body is no request")
			}
			var quotas []quota
			for _, q := range w.Quotas {
				if q.Service == in.ServiceCode && q.Default == byDefault {
					quotas = append(quotas, quota{q.Service, q.Code, q.Value})
				}
			}
			items, next, err := page(r, in.NextToken, in.MaxResults, quotas)
			return struct {
				Quotas    []quota
				NextToken string `json:",omitempty"`
			}{items, next}, err
		}
	}
	return awsfake.Service{Name: "servicequotas", Protocol: awsfake.JSON11, Operations: map[string]awsfake.Operation{
		"ListServiceQuotas": list(false), "ListAWSDefaultServiceQuotas": list(true),
	}}
}

type members[T any] struct {
	Items []T `xml:"member"`
}

type classicXML struct {
	Name string `xml:"LoadBalancerName"`
}

type balancerXML struct {
	Type string `xml:"Type"`
}

// balancing answers both versions, which share a name and an action: the older by
// its date.
func (w World) balancing() awsfake.Service {
	return awsfake.Service{
		Name: "elasticloadbalancing", Protocol: awsfake.Query, Namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
		Operations: map[string]awsfake.Operation{"DescribeLoadBalancers": func(r awsfake.Request) (any, error) {
			marker := r.Params.Get("Marker")
			if strings.HasPrefix(r.Params.Get("Version"), "2012") {
				items, next, err := page(r, marker, 400, make([]classicXML, w.Classic))
				return struct {
					List members[classicXML] `xml:"LoadBalancerDescriptions"`
					Next string              `xml:"NextMarker,omitempty"`
				}{members[classicXML]{items}, next}, err
			}
			var all []balancerXML
			for _, kind := range w.Balancer {
				all = append(all, balancerXML{kind})
			}
			items, next, err := page(r, marker, 400, all)
			return struct {
				List members[balancerXML] `xml:"LoadBalancers"`
				Next string               `xml:"NextMarker,omitempty"`
			}{members[balancerXML]{items}, next}, err
		}},
	}
}

func (w World) iam() awsfake.Service {
	type role struct {
		RoleName string
	}
	type result struct {
		Action   string `xml:"EvalActionName"`
		Decision string `xml:"EvalDecision"`
	}
	return awsfake.Service{
		Name: "iam", Protocol: awsfake.Query, Namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
		Operations: map[string]awsfake.Operation{
			"GetRole": func(r awsfake.Request) (any, error) {
				for _, name := range w.Roles {
					if name == r.Params.Get("RoleName") {
						return struct{ Role role }{role{name}}, nil
					}
				}
				return nil, awsfake.Errorf("NoSuchEntity", "The role with name %s cannot be found.", r.Params.Get("RoleName"))
			},
			"SimulatePrincipalPolicy": func(r awsfake.Request) (any, error) {
				decision := "implicitDeny"
				if w.MayMake {
					decision = "allowed"
				}
				return struct {
					Results members[result] `xml:"EvaluationResults"`
				}{members[result]{[]result{{r.Params.Get("ActionNames.member.1"), decision}}}}, nil
			},
		},
	}
}

func (w World) kms() awsfake.Service {
	return awsfake.Service{Name: "kms", Protocol: awsfake.JSON11, Operations: map[string]awsfake.Operation{
		"DescribeKey": func(awsfake.Request) (any, error) {
			return map[string]any{"KeyMetadata": map[string]string{"KeyId": "key-0a", "KeyManager": w.KeyOwner}}, nil
		},
		"GetKeyPolicy": func(awsfake.Request) (any, error) { return map[string]string{"Policy": w.Policy}, nil },
		"ListGrants": func(awsfake.Request) (any, error) {
			grants := []map[string]any{}
			for _, arn := range w.Grantees {
				grants = append(grants, map[string]any{"GranteePrincipal": arn, "Operations": []string{"GenerateDataKeyWithoutPlaintext"}})
			}
			return map[string]any{"Grants": grants}, nil
		},
	}}
}

package route53

import (
	"cmp"
	"encoding/json"
	"strconv"
)

// changeCommand returns the AWS CLI command that makes one change.
func changeCommand(zoneID string, c Change) []string { return batchCommand(zoneID, Batch{c}) }

func batchCommand(zoneID string, b Batch) []string {
	return []string{"aws", "route53", "change-resource-record-sets", "--hosted-zone-id", zoneID, "--change-batch", ChangeBatchJSON(b)}
}

// deleteCommand returns the AWS CLI command that deletes a record set, or the one
// that shows it where its routing policy is not known well enough: Route 53
// deletes nothing but what is described to it in full.
func deleteCommand(zoneID string, set RecordSet) []string {
	if !set.writable() {
		return append(commandOf(actionRecords, zoneID), "--start-record-name", set.Name.Absolute(), "--start-record-type", set.Type, "--max-items", "100")
	}
	return changeCommand(zoneID, Change{Action: Delete, Set: set})
}

// writable reports whether [ChangeBatchJSON] writes the set with all that it is.
func (r RecordSet) writable() bool {
	for key, value := range r.Routing {
		var err error
		switch key {
		case "Region", "Failover", "HealthCheckId":
		case "Weight":
			_, err = strconv.ParseInt(value, 10, 64)
		case "MultiValueAnswer":
			_, err = strconv.ParseBool(value)
		default:
			return false
		}
		if err != nil {
			return false
		}
	}
	return true
}

// ChangeBatchJSON returns the batch in the form that the option --change-batch
// of the AWS CLI takes. Of routing policies it writes Weight, Region, Failover,
// HealthCheckId and MultiValueAnswer.
func ChangeBatchJSON(b Batch) string {
	type record struct{ Value string }
	type alias struct {
		HostedZoneID         string `json:"HostedZoneId"`
		DNSName              string
		EvaluateTargetHealth bool
	}
	type set struct {
		Name             string
		Type             string
		SetIdentifier    string   `json:",omitempty"`
		Weight           *int64   `json:",omitempty"`
		Region           string   `json:",omitempty"`
		Failover         string   `json:",omitempty"`
		MultiValueAnswer bool     `json:",omitempty"`
		TTL              *int64   `json:",omitempty"`
		ResourceRecords  []record `json:",omitempty"`
		AliasTarget      *alias   `json:",omitempty"`
		HealthCheckID    string   `json:"HealthCheckId,omitempty"`
	}
	type change struct {
		Action            Action
		ResourceRecordSet set
	}
	changes := make([]change, 0, len(b))
	for _, c := range b {
		policy := c.Set.Routing
		out := set{
			Name: c.Set.Name.Absolute(), Type: c.Set.Type, SetIdentifier: c.Set.SetID,
			Region: policy["Region"], Failover: policy["Failover"], MultiValueAnswer: policy["MultiValueAnswer"] == "true", HealthCheckID: policy["HealthCheckId"],
		}
		if weight, err := strconv.ParseInt(policy["Weight"], 10, 64); err == nil {
			out.Weight = &weight
		}
		if a := c.Set.Alias; a != nil {
			out.AliasTarget = &alias{a.ZoneID, a.Target.Absolute(), a.EvaluateTargetHealth}
		} else {
			out.TTL = &c.Set.TTL
			for _, v := range sorted(c.Set.Values, cmp.Compare[string]) {
				out.ResourceRecords = append(out.ResourceRecords, record{v})
			}
		}
		changes = append(changes, change{c.Action, out})
	}
	data, err := json.Marshal(struct{ Changes []change }{changes})
	if err != nil { // strings and numbers always marshal
		panic(err)
	}
	return string(data)
}

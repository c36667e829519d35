package cluster

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Redact returns the snapshot with account IDs, names and tags replaced, the
// same text by the same text everywhere, so that it can be shown to others and
// gives the same verdict for the spec. What the spec itself says (the name of
// the cluster, the IDs of the VPC and its subnets, the base domain, the name and
// the public key of the key pair, the name of the principal) stays. Identities that the
// spec does not ask about are left out.
func (s Snapshot) Redact(spec Spec) Snapshot {
	s = s.withStandIns()
	n := s.network().Redact(spec.Cluster)
	s.IAM = s.bearing(spec)
	return Snapshot{
		Observation: n.Observation, Network: n.Parts,
		DNS: s.dns().Redact(spec.keptNames()...).Parts, SSH: s.ssh().Redact(spec.sshOptions()).Parts,
		IAM:      s.iam().Redact(append(spec.keptIdentities(), spec.Resources.names()...)...).Parts,
		Resource: s.resource().Redact(spec.resourceOptions("")).Parts, Machine: s.Machine,
		Capacity: s.capacity().Redact().Parts, Credentials: s.credentials().Redact().CredentialParts,
	}
}

// withStandIns returns the snapshot with a stand-in for each account, which the
// packages then leave as it is: each by itself would count from 000000000002 on, and
// call different accounts of different parts the same.
func (s Snapshot) withStandIns() Snapshot {
	data, err := json.Marshal(s)
	if err != nil {
		return s // which cannot be written either
	}
	found := map[string]bool{}
	for _, m := range accountPlace.FindAllSubmatch(data, -1) {
		found[string(m[1])] = true
	}
	delete(found, s.Account)
	accounts := slices.Sorted(maps.Keys(found))
	if s.Account != "" {
		accounts = slices.Insert(accounts, 0, s.Account)
	}
	to, next := map[string]string{}, 0
	for _, account := range accounts {
		if strings.HasPrefix(account, "000000") {
			continue // a stand-in
		}
		for next++; found[standIn(next)]; {
			next++
		}
		to[account] = standIn(next)
	}
	data = accountDigits.ReplaceAllFunc(data, func(digits []byte) []byte {
		return []byte(cmp.Or(to[string(digits)], string(digits)))
	})
	var mapped Snapshot
	if mapped.UnmarshalJSON(data) != nil {
		return s
	}
	return mapped
}

// accountPlace finds accounts where nothing else has twelve digits: as a text of its
// own, also within policies, which are texts themselves, and in ARNs.
var (
	accountPlace  = regexp.MustCompile(`[":]([0-9]{12})["\\:]`)
	accountDigits = regexp.MustCompile(`\b[0-9]{12}\b`)
)

func standIn(n int) string { return fmt.Sprintf("%012d", n) }

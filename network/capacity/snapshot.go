package capacity

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A Snapshot is what was seen of the room that an account has in one region. The
// zero value is a snapshot of which nothing was seen.
type Snapshot struct {
	groundway.Observation
	Parts
}

// Parts are the parts of a Snapshot.
type Parts struct {
	Quotas        groundway.Part[Quota]        `json:"quotas"`             // servicequotas:ListServiceQuotas, and the defaults of what it leaves out
	Uses          groundway.Part[Use]          `json:"quotaUses"`          // counted, each by the action that Limit.Counted names
	InstanceTypes groundway.Part[InstanceType] `json:"instanceTypes"`      // ec2:DescribeInstanceTypes, of those that are asked for
	Roles         groundway.Part[ServiceRole]  `json:"serviceLinkedRoles"` // iam:GetRole
	Encryption    groundway.Part[Encryption]   `json:"ebsEncryption"`      // ec2:GetEbsEncryptionByDefault and what follows
}

// MarshalJSON writes the canonical JSON of groundway.snapshot/v1.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	return groundway.MarshalSnapshot(s.Observation, s.Parts)
}

// UnmarshalJSON reads groundway.snapshot/v1. Parts of other packages in the same
// file are left alone.
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	*s = Snapshot{}
	o, err := groundway.UnmarshalSnapshot(data, &s.Parts)
	s.Observation = o
	return err
}

// MarshalJSON writes the parts for [groundway.MarshalSnapshot].
func (p Parts) MarshalJSON() ([]byte, error) {
	type plain Parts
	return json.Marshal(plain(p))
}

// Redact returns the snapshot without the account's ID and the name of its key, for
// showing to others; it gives the same verdicts.
func (s Snapshot) Redact() Snapshot {
	s.Account = ""
	s.Encryption.Items = slices.Clone(s.Encryption.Items)
	for i, e := range s.Encryption.Items {
		if e.KeyID != "" && !strings.HasPrefix(e.KeyID, "alias/aws/") {
			s.Encryption.Items[i].KeyID = "key-redacted"
		}
	}
	return s
}

// A Quota is how much of something an account may have in a region.
type Quota struct {
	Service string  `json:"serviceCode"` // "vpc"
	Code    string  `json:"quotaCode"`   // "L-F678F1CE"
	Value   float64 `json:"value"`
	// Default says that the account has no value of its own: Service Quotas lists
	// some quotas only once they were changed.
	Default bool `json:"default,omitempty"`
}

// Key returns the service and the code: "vpc/L-F678F1CE".
func (q Quota) Key() string { return q.Service + "/" + q.Code }

// A Use is how much of a quota is used. One that was counted and is not used has
// the count zero.
type Use struct {
	Quota string         `json:"quota"`           // its key
	Count int            `json:"count"`           // in the region
	Zones map[string]int `json:"zones,omitempty"` // of a quota that holds for each zone; a zone that is missing has none
}

// Key returns the quota's.
func (u Use) Key() string { return u.Quota }

// An InstanceType as ec2:DescribeInstanceTypes shows it.
type InstanceType struct {
	Type       string `json:"instanceType"` // "m5.large"
	VCPUs      int    `json:"vCpus"`
	MemoryMiB  int    `json:"memoryMiB"`
	Interfaces int    `json:"maximumNetworkInterfaces"`
	Addresses  int    `json:"ipv4AddressesPerInterface"`
}

// Key returns the type.
func (t InstanceType) Key() string { return t.Type }

// A ServiceRole is a role that AWS's services act by, and its service makes.
type ServiceRole struct {
	Service string `json:"service"` // "autoscaling.amazonaws.com"
	Name    string `json:"roleName"`
	Exists  bool   `json:"exists"`
	// Creatable is whether the caller may have it made; nil: it was not seen. It
	// counts where the role does not exist.
	Creatable *bool `json:"creatable,omitempty"`
}

// Key returns the service.
func (r ServiceRole) Key() string { return r.Service }

// Encryption is how EBS encrypts new volumes of the region by default.
type Encryption struct {
	Default    bool   `json:"ebsEncryptionByDefault"`
	KeyID      string `json:"kmsKeyId,omitempty"`   // where Default
	KeyManager string `json:"keyManager,omitempty"` // AWS or CUSTOMER
	// ForAutoScaling is whether the key lets Auto Scaling's role use it; nil: it was
	// not seen. It counts for keys of a customer.
	ForAutoScaling *bool `json:"forAutoScaling,omitempty"`
}

// Key returns "default": a region has one.
func (Encryption) Key() string { return "default" }

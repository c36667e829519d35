package ec2fake

import (
	"cmp"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/network/capacity"
)

// An Instance is one that runs, or something else.
type Instance struct {
	ID, Type       string
	State          string // empty: running
	Spot           bool
	Tenancy        string
	Cores, Threads int // zero: EC2 does not say
}

// Key returns the ID.
func (i Instance) Key() string { return i.ID }

// room returns the calls that an account's room is counted with.
func room(o Options) map[string]awsfake.Operation {
	return map[string]awsfake.Operation{
		"DescribeInstances": func(r awsfake.Request) (any, error) {
			items, next, err := describe(r, groundway.SeenPart(o.Instances...), query[Instance]{
				ids: "InstanceId", prefix: "i-", size: 1000,
				filters: map[string]func(Instance) []string{
					"instance-state-name": func(i Instance) []string { return []string{cmp.Or(i.State, "running")} },
				},
			})
			return reservationsXML(items, next), err
		},
		"DescribeInstanceTypes": func(r awsfake.Request) (any, error) {
			items, next, err := describe(r, groundway.SeenPart(o.InstanceTypes...), query[capacity.InstanceType]{
				size: 100, filters: map[string]func(capacity.InstanceType) []string{
					"instance-type": func(t capacity.InstanceType) []string { return []string{t.Type} },
				},
			})
			return instanceTypesXML(items, next), err
		},
		"GetEbsEncryptionByDefault": func(awsfake.Request) (any, error) {
			return struct {
				Value bool `xml:"ebsEncryptionByDefault"`
			}{o.Encryption != nil && o.Encryption.Default}, nil
		},
		"GetEbsDefaultKmsKeyId": func(awsfake.Request) (any, error) {
			id := "alias/aws/ebs"
			if o.Encryption != nil {
				id = o.Encryption.KeyID
			}
			return struct {
				ID string `xml:"kmsKeyId"`
			}{id}, nil
		},
	}
}

type reservationSet struct {
	Set  list[reservationXML] `xml:"reservationSet"`
	Next string               `xml:"nextToken,omitempty"`
}

type reservationXML struct {
	Instances list[instanceXML] `xml:"instancesSet"`
}

type instanceXML struct {
	ID        string  `xml:"instanceId"`
	Type      string  `xml:"instanceType"`
	Lifecycle string  `xml:"instanceLifecycle,omitempty"`
	Tenancy   string  `xml:"placement>tenancy,omitempty"`
	CPU       *cpuXML `xml:"cpuOptions"`
}

type cpuXML struct {
	Cores   int `xml:"coreCount"`
	Threads int `xml:"threadsPerCore"`
}

func reservationsXML(instances []Instance, next string) reservationSet {
	set := reservationSet{Next: next}
	for _, i := range instances {
		x := instanceXML{ID: i.ID, Type: i.Type, Tenancy: i.Tenancy}
		if i.Spot {
			x.Lifecycle = "spot"
		}
		if i.Cores > 0 {
			x.CPU = &cpuXML{i.Cores, i.Threads}
		}
		set.Set.Items = append(set.Set.Items, reservationXML{list[instanceXML]{[]instanceXML{x}}})
	}
	return set
}

type instanceTypeSet struct {
	Set  list[instanceTypeXML] `xml:"instanceTypeSet"`
	Next string                `xml:"nextToken,omitempty"`
}

type instanceTypeXML struct {
	Type       string `xml:"instanceType"`
	VCPUs      int    `xml:"vCpuInfo>defaultVCpus"`
	Memory     int    `xml:"memoryInfo>sizeInMiB"`
	Interfaces int    `xml:"networkInfo>maximumNetworkInterfaces"`
	Addresses  int    `xml:"networkInfo>ipv4AddressesPerInterface"`
}

func instanceTypesXML(types []capacity.InstanceType, next string) instanceTypeSet {
	set := instanceTypeSet{Next: next}
	for _, t := range types {
		set.Set.Items = append(set.Set.Items, instanceTypeXML{t.Type, t.VCPUs, t.MemoryMiB, t.Interfaces, t.Addresses})
	}
	return set
}

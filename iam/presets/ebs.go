package presets

import (
	"slices"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/action/ec2action"
)

// EBSCSI is the driver of volumes of Amazon EBS. The zero value is for volumes
// that the driver itself makes.
type EBSCSI struct {
	// Migrated adds the volumes that Kubernetes made before it had the driver.
	Migrated bool
	// Copies, FastRestore and Locks add what few storage classes ask for: copies of
	// volumes, fast restore of snapshots, locks of snapshots.
	Copies, FastRestore, Locks bool
}

const (
	ebsTag      = "ebs.csi.aws.com/cluster"
	ebsMigrated = "ec2:ResourceTag/kubernetes.io/created-for/pvc/name"
)

var (
	ebsLooks = []iam.Action{
		ec2action.DescribeAvailabilityZones, ec2action.DescribeInstances, ec2action.DescribeInstanceTypes, ec2action.DescribeSnapshots,
		ec2action.DescribeVolumes, ec2action.DescribeVolumesModifications, ec2action.DescribeVolumeStatus,
	}
	ebsVolumes = []iam.Action{ec2action.ModifyVolume, ec2action.AttachVolume, ec2action.DetachVolume, ec2action.DeleteVolume}
)

// Published returns AWS's policy AmazonEBSCSIDriverPolicyV2.
func (e EBSCSI) Published(scope iam.Scope) (iam.Document, error) {
	if err := in(scope, "EBS CSI").err(); err != nil {
		return iam.Document{}, err
	}
	all := EBSCSI{Migrated: true, Copies: true, FastRestore: true, Locks: true}
	// AWS writes an account into the ARNs of snapshots too, where they have none.
	return iam.NewDocument(all.statements(func(resource string) string {
		return iam.ARN{Partition: scope.Partition(), Service: "ec2", Region: "*", Account: "*", Resource: resource}.String()
	})...)
}

// Least returns what the driver needs in one region and account.
func (e EBSCSI) Least(scope iam.Scope) (iam.Document, error) {
	if err := in(scope, "EBS CSI").err(); err != nil {
		return iam.Document{}, err
	}
	return iam.NewDocument(e.statements(func(resource string) string { return scope.ARN("ec2", resource) })...)
}

// statements returns the statements with the ARNs of ec2.
func (e EBSCSI) statements(ec2 func(string) string) []iam.Statement {
	own := iam.StringEquals("ec2:ResourceTag/"+ebsTag, "true")
	asked := iam.StringEquals("aws:RequestTag/"+ebsTag, "true")
	migrated := iam.StringLike(ebsMigrated, "*")
	creates := []string{"CreateVolume", "CreateSnapshot"}
	fresh := []iam.Action{ec2action.CreateVolume}
	restore, remove := []iam.Action{ec2action.CreateVolume}, []iam.Action{ec2action.DeleteSnapshot}
	if e.Copies {
		fresh = append(fresh, ec2action.CopyVolumes)
		creates = append(creates, "CopyVolumes")
	}
	if e.FastRestore {
		restore = append(restore, ec2action.EnableFastSnapshotRestores)
	}
	if e.Locks {
		remove = append(remove, ec2action.LockSnapshot)
	}
	list := []iam.Statement{
		iam.Allow(ebsLooks...).On("*"),
		iam.Allow(fresh...).On(ec2("volume/*")).When(asked),
		iam.Allow(ec2action.CreateSnapshot).On(ec2("snapshot/*")).When(asked),
		iam.Allow(ec2action.CreateSnapshot).On(ec2("volume/*")).When(own),
		iam.Allow(ebsVolumes...).On(ec2("volume/*")).When(own),
		iam.Allow(restore...).On(ec2("snapshot/*")).When(own),
		iam.Allow(ec2action.AttachVolume, ec2action.DetachVolume).On(ec2("instance/*")),
		iam.Allow(remove...).On(ec2("snapshot/*")).When(own),
		iam.Allow(ec2action.CreateTags).On(ec2("volume/*"), ec2("snapshot/*")).When(iam.StringEquals("ec2:CreateAction", creates...)),
		iam.Allow(ec2action.CreateTags, ec2action.DeleteTags).On(ec2("volume/*")).When(own, iam.KeyPresent("aws:TagKeys"),
			iam.StringNotEquals("aws:TagKeys", ebsTag, "ebs.csi.aws.com/cluster-name", "kubernetes.io/created-for/pvc/name").ForAllValues()),
	}
	if e.Copies {
		list = append(list, iam.Allow(ec2action.CopyVolumes).On(ec2("volume/vol-*")).When(own))
	}
	if e.Migrated {
		list = append(list,
			iam.Allow(ebsVolumes...).On(ec2("volume/*")).When(migrated))
		if e.Copies {
			list = append(list, iam.Allow(ec2action.CopyVolumes).On(ec2("volume/vol-*")).When(migrated))
		}
	}
	return list
}

// Provenance says how Least lies to Published.
func (e EBSCSI) Provenance(scope iam.Scope) (Provenance, error) {
	p := Provenance{Source: Source{
		Name: "AmazonEBSCSIDriverPolicyV2, version 1", URL: "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEBSCSIDriverPolicyV2.html", Line: "JSON policy document",
	}}
	for _, part := range []struct {
		kept    bool
		actions []iam.Action
		reason  string
	}{
		{e.Copies, []iam.Action{ec2action.CopyVolumes}, "Set Copies where storage classes copy volumes."},
		{e.FastRestore, []iam.Action{ec2action.EnableFastSnapshotRestores}, "Set FastRestore where snapshot classes ask for it."},
		{e.Locks, []iam.Action{ec2action.LockSnapshot}, "Set Locks where snapshot classes ask for it."},
	} {
		if !part.kept {
			p.Dropped = append(p.Dropped, Drop{Actions: slices.Clone(part.actions), Reason: part.reason})
		}
	}
	if e.Copies {
		p.Risks = append(p.Risks, Risk{
			Code: "iam/condition-key-unsupported", Reason: "The list of actions does not have the tags of volumes with ec2:CopyVolumes, and AWS's policy asks for them.",
			Mitigation: "Leave Copies unset: where AWS does not send the tags, nothing can be copied.",
		})
	}
	return provenanceOf(p, in(scope, "EBS CSI").err())
}

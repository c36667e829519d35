package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	cloudformationsdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecrsdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	efssdk "github.com/aws/aws-sdk-go-v2/service/efs"

	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// instances reads the instances that are named, by a filter and not by their IDs:
// one that does not exist would make EC2 answer with an error and hide the others.
func (l *loader) instances(c Clients, p *resource.Parts) func() {
	var ids []string
	for _, n := range l.names.Instances {
		if n.ID != "" {
			ids = append(ids, n.ID)
		}
	}
	if without(c.EC2 == nil, &p.Instances, describeInstances, len(ids)) {
		return nothing
	}
	filter := []ec2types.Filter{{Name: aws.String("instance-id"), Values: ids}}
	listed(l, &p.Instances, describeInstances, func(ctx context.Context, token *string) ([]resource.Instance, bool, *string, error) {
		out, err := c.EC2.DescribeInstances(ctx, &ec2sdk.DescribeInstancesInput{Filters: filter, NextToken: token})
		if err != nil {
			return nil, false, nil, err
		}
		var list []resource.Instance
		for _, r := range out.Reservations {
			for _, i := range r.Instances {
				list = append(list, instance(i))
			}
		}
		return list, out.Reservations != nil, out.NextToken, nil
	})
	return nothing
}

func instance(i ec2types.Instance) resource.Instance {
	v := resource.Instance{
		ID: aws.ToString(i.InstanceId), VPCID: aws.ToString(i.VpcId), SubnetID: aws.ToString(i.SubnetId),
		PublicIP: aws.ToString(i.PublicIpAddress), KeyName: aws.ToString(i.KeyName),
	}
	if i.State != nil {
		v.State = string(i.State.Name)
	}
	if i.IamInstanceProfile != nil {
		v.ProfileARN = aws.ToString(i.IamInstanceProfile.Arn)
	}
	for _, t := range i.Tags {
		if v.Tags == nil {
			v.Tags = map[string]string{}
		}
		v.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return v
}

// repositories reads the repositories that are named, one a call: one that does not
// exist hides the others.
func (l *loader) repositories(c Clients, p *resource.Parts) func() {
	list := places[resource.Repository](append([]string(nil), l.names.Repositories...), 1)
	if without(c.ECR == nil, &p.Repositories, describeRepository, len(list)) {
		return nothing
	}
	for _, n := range list {
		l.call(describeRepository, n.place(), func(ctx context.Context) error {
			out, err := c.ECR.DescribeRepositories(ctx, &ecrsdk.DescribeRepositoriesInput{RepositoryNames: []string{n.name}})
			if err == nil && len(out.Repositories) == 0 {
				err = awserr.ErrNoList
			}
			if err != nil {
				if err = found(&n.item.Presence, err); err == nil {
					n.item.Name = n.name
				}
				return err
			}
			n.item = resource.Repository{Name: n.name, ARN: aws.ToString(out.Repositories[0].RepositoryArn)}
			return nil
		})
	}
	return func() { join(&p.Repositories, list) }
}

// stacks reads all stacks of the region that are not deleted: those of an earlier
// cluster are told by their tags.
func (l *loader) stacks(c Clients, p *resource.Parts) func() {
	named := len(l.names.Stacks) + len(l.names.StackPrefixes) + len(l.names.Cluster)
	if without(c.CloudFormation == nil, &p.Stacks, describeStacks, named) {
		return nothing
	}
	listed(l, &p.Stacks, describeStacks, func(ctx context.Context, token *string) ([]resource.Stack, bool, *string, error) {
		out, err := c.CloudFormation.DescribeStacks(ctx, &cloudformationsdk.DescribeStacksInput{NextToken: token})
		if err != nil {
			return nil, false, nil, err
		}
		var list []resource.Stack
		for _, v := range out.Stacks {
			s := resource.Stack{Name: aws.ToString(v.StackName), ID: aws.ToString(v.StackId), Status: string(v.StackStatus)}
			for _, t := range v.Tags {
				if s.Tags == nil {
					s.Tags = map[string]string{}
				}
				s.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
			list = append(list, s)
		}
		return list, out.Stacks != nil, out.NextToken, nil
	})
	return nothing
}

// fileSystems reads the file system that is named, and its mount targets.
func (l *loader) fileSystems(c Clients, p *resource.Parts) func() {
	if l.names.FileSystem == nil {
		return nothing
	}
	list := places[resource.FileSystem]([]string{l.names.FileSystem.ID}, 1)
	if without(c.EFS == nil, &p.FileSystems, describeFileSystems, len(list)) {
		return nothing
	}
	for _, n := range list {
		l.call(describeFileSystems, n.place(), func(ctx context.Context) error {
			out, err := c.EFS.DescribeFileSystems(ctx, &efssdk.DescribeFileSystemsInput{FileSystemId: &n.name})
			if err == nil && len(out.FileSystems) == 0 {
				err = awserr.ErrNoList
			}
			if err != nil {
				if err = found(&n.item.Presence, err); err == nil {
					n.item.ID = n.name
				}
				return err
			}
			f := out.FileSystems[0]
			n.item.ID, n.item.ARN, n.item.State, n.item.Encrypted = n.name, aws.ToString(f.FileSystemArn), string(f.LifeCycleState), f.Encrypted
			return nil
		})
		listed(l, &n.item.Targets, describeTargets, func(ctx context.Context, token *string) ([]resource.MountTarget, bool, *string, error) {
			out, err := c.EFS.DescribeMountTargets(ctx, &efssdk.DescribeMountTargetsInput{FileSystemId: &n.name, Marker: token})
			if err != nil {
				return nil, false, nil, err
			}
			var targets []resource.MountTarget
			for _, m := range out.MountTargets {
				targets = append(targets, resource.MountTarget{
					ID: aws.ToString(m.MountTargetId), SubnetID: aws.ToString(m.SubnetId), VPCID: aws.ToString(m.VpcId),
					Zone: aws.ToString(m.AvailabilityZoneName), State: string(m.LifeCycleState),
				})
			}
			return targets, out.MountTargets != nil, out.NextMarker, nil
		})
	}
	return func() {
		for _, n := range list {
			if n.item.Presence != "" {
				n.item = resource.FileSystem{ID: n.name, Presence: n.item.Presence}
				continue
			}
			if n.item.Targets.Seen {
				n.item.ID = n.name
			}
			n.gaps = append(n.gaps, n.item.Targets.Gaps)
		}
		join(&p.FileSystems, list)
	}
}

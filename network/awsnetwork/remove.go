package awsnetwork

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/plan"
)

// RemoveOptions are what [Remove] may be told. The zero value is right.
type RemoveOptions struct {
	// Timeout bounds the time in which nothing more is gone, as while NAT gateways
	// are deleted; zero: 15 minutes.
	Timeout time.Duration
	// Wait lets a time pass between two looks, as in [ApplyOptions].
	Wait func(ctx context.Context, d time.Duration) error
	// Progress is called for whatever is gone, and for what is waited for. Calls
	// of it do not overlap.
	Progress func(Progress)
}

// A Resource is something that a plan made.
type Resource struct {
	Kind, Name string // as plan.ResourceTag has them: "subnet", "worker-us-east-1a"
	ID         string
	VPC        string // empty for what stands in none
	State      string // of what passes through states: "deleting"

	associations map[string]string // of a route table: IDs, by subnet
}

// String returns the kind, the name and the ID: "subnet/worker-us-east-1a subnet-0a1".
func (r Resource) String() string {
	return strings.TrimSuffix(r.Kind+"/"+r.Name, "/") + " " + r.ID
}

// stages are the kinds in the order in which they can be deleted: what is deleted
// later is needed by what is deleted earlier. Each ends before the next begins.
var stages = [][]string{
	{"vpc-endpoint", "nat-gateway"},
	{"elastic-ip", "subnet"},
	{"route-table", "security-group", "egress-only-internet-gateway", "internet-gateway"},
	{"vpc"},
	{"dhcp-options"},
}

// Owned returns what plans of this owner made in the region and is still there, in
// the order in which [Remove] would delete it. It only reads. What is deleted
// already, as EC2 shows NAT gateways for a while, is not among it.
func Owned(ctx context.Context, client RemoveAPI, owner string) ([]Resource, error) {
	resources, err := owned(ctx, client, owner)
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, fmt.Errorf("list network of owner %q: %w", owner, err)
	}
	return resources, nil
}

func owned(ctx context.Context, client RemoveAPI, owner string) ([]Resource, error) {
	if owner == "" {
		return nil, errors.New("no owner")
	}
	w := watcher{client: client, owner: owner}
	var vpcs groundway.Part[network.VPC]
	if err := must(&vpcs, func() (groundway.Part[network.VPC], error) { return w.vpcs(ctx) })(); err != nil {
		return nil, err
	}
	seen, err := w.everything(ctx, client, w.byOwner(), "", true)
	if err != nil {
		return nil, err
	}
	var all []Resource
	add := func(kind, id, vpc, state string, tags map[string]string) {
		name, ok := strings.CutPrefix(tags[plan.ResourceTag], kind+"/")
		if ok && tags[groundway.OwnerTag] == owner {
			all = append(all, Resource{Kind: kind, Name: name, ID: id, VPC: vpc, State: strings.ToLower(state)})
		}
	}
	for _, v := range vpcs.Items {
		add("vpc", v.ID, v.ID, "", v.Tags)
	}
	for _, e := range seen.Endpoints.Items {
		if !strings.EqualFold(e.State, "deleted") {
			add("vpc-endpoint", e.ID, e.VPCID, e.State, e.Tags)
		}
	}
	for _, n := range seen.NATGateways.Items {
		if !strings.EqualFold(n.State, "deleted") {
			add("nat-gateway", n.ID, n.VPCID, n.State, n.Tags)
		}
	}
	for _, a := range seen.addresses.Items {
		add("elastic-ip", a.ID, "", "", a.Tags)
	}
	for _, n := range seen.Subnets.Items {
		add("subnet", n.ID, n.VPCID, "", n.Tags)
	}
	for _, t := range seen.RouteTables.Items {
		add("route-table", t.ID, t.VPCID, "", t.Tags)
		if n := len(all); n > 0 && all[n-1].ID == t.ID {
			all[n-1].associations = map[string]string{}
			for _, a := range t.Associations {
				all[n-1].associations[a.SubnetID] = a.ID
			}
		}
	}
	for _, g := range seen.SecurityGroups.Items {
		add("security-group", g.ID, g.VPCID, "", g.Tags)
	}
	for _, g := range seen.EgressGateways.Items {
		add("egress-only-internet-gateway", g.ID, vpcOfGateway(g), "", g.Tags)
	}
	for _, g := range seen.InternetGateways.Items {
		add("internet-gateway", g.ID, vpcOfGateway(g), "", g.Tags)
	}
	for _, d := range seen.DHCPOptions.Items {
		add("dhcp-options", d.ID, "", "", d.Tags)
	}
	inOrder(all)
	return all, nil
}

func inOrder(list []Resource) {
	kinds := slices.Concat(stages...)
	slices.SortFunc(list, func(a, b Resource) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
}

func vpcOfGateway(g network.InternetGateway) string {
	for _, a := range g.Attachments {
		if !strings.EqualFold(a.State, "detached") {
			return a.VPCID
		}
	}
	return ""
}

// Remove deletes all that plans of this owner made in the region, [Owned], and
// nothing else: what lacks the owner's tag and plan.ResourceTag stays, and so does
// the VPC of somebody else in which they made something. It returns what is gone.
//
// It can be called again after any error, and to call it twice is to call it once.
// An error names the IAM action, the thing, and what is left; something that
// others put into a subnet or a VPC keeps it from being deleted
// (DependencyViolation), and is not touched.
func Remove(ctx context.Context, client RemoveAPI, owner string, o RemoveOptions) ([]Resource, error) {
	r := &remover{client: client, owner: owner, o: o}
	err := r.remove(ctx)
	inOrder(r.gone)
	if err == nil {
		return r.gone, nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	var left []string
	for _, x := range r.left {
		left = append(left, x.String())
	}
	if len(left) > 0 {
		return r.gone, fmt.Errorf("remove network of owner %q: %w; left: %s", owner, err, strings.Join(left, ", "))
	}
	return r.gone, fmt.Errorf("remove network of owner %q: %w", owner, err)
}

type remover struct {
	client RemoveAPI
	owner  string
	o      RemoveOptions

	known, left, gone []Resource
}

func (r *remover) remove(ctx context.Context) error {
	looks := max(1, int(cmp.Or(r.o.Timeout, 15*time.Minute)/pause))
	errs := map[string]error{} // the last of each thing, by its ID
	refused := map[string]int{}
	for quiet := 0; quiet < looks; {
		before := len(r.left)
		first := r.known == nil
		if err := r.look(ctx); err != nil {
			return err
		}
		if len(r.left) == 0 {
			return nil
		}
		if quiet++; first || len(r.left) < before {
			quiet = 0
		}
		if quiet > 0 {
			if err := waitFor(ctx, r.o.Wait, pause); err != nil {
				return err
			}
		}
		stage := r.stage()
		for _, x := range stage {
			r.report(x, cmp.Or(x.State, "deleting"))
			if x.State == "deleting" {
				continue
			}
			action, err := r.delete(ctx, x)
			switch awserr.Classify(err) {
			case awserr.NotFound:
				continue
			case awserr.InUse, awserr.Unavailable, awserr.Timeout, awserr.Connection, awserr.Unreadable:
			default:
				if err != nil {
					return failed(ctx, action, x.String(), err)
				}
			}
			errs[x.ID] = fmt.Errorf("%s: %s: AWS took the call, and it is still there", x, action)
			if err != nil {
				errs[x.ID] = failed(ctx, action, x.String(), err)
			}
			// What somebody else's things keep is not waited for as long as a NAT gateway.
			if refused[x.ID]++; refused[x.ID] > refusals && quiet > 0 {
				return errs[x.ID]
			}
		}
	}
	stage := r.stage()
	if err := errs[stage[0].ID]; err != nil {
		return err
	}
	return fmt.Errorf("%s is %s after %v", stage[0], cmp.Or(stage[0].State, "there"), cmp.Or(r.o.Timeout, 15*time.Minute))
}

// refusals is how often a call to delete one thing is repeated.
const refusals = 24

// look reads what is left.
func (r *remover) look(ctx context.Context) error {
	left, err := owned(ctx, r.client, r.owner)
	if err != nil {
		return err
	}
	if r.known == nil {
		r.known = append([]Resource{}, left...)
	}
	is := func(id string) func(Resource) bool { return func(x Resource) bool { return x.ID == id } }
	for _, x := range r.known { // as it was when it was found
		if !slices.ContainsFunc(left, is(x.ID)) && !slices.ContainsFunc(r.gone, is(x.ID)) {
			x.State = ""
			r.gone = append(r.gone, x)
			r.report(x, "gone")
		}
	}
	r.left = left
	return nil
}

func (r *remover) report(x Resource, state string) {
	if r.o.Progress != nil {
		r.o.Progress(Progress{Done: len(r.gone), Total: len(r.known), Resource: x.Kind + "/" + x.Name, ID: x.ID, State: state})
	}
}

// stage returns what can be deleted by now.
func (r *remover) stage() (list []Resource) {
	for _, kinds := range stages {
		for _, x := range r.left {
			if slices.Contains(kinds, x.Kind) {
				list = append(list, x)
			}
		}
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

// delete makes the call that deletes a thing, and returns its action.
func (r *remover) delete(ctx context.Context, x Resource) (action string, err error) {
	switch x.Kind {
	case "vpc-endpoint":
		out, err := r.client.DeleteVpcEndpoints(ctx, &ec2sdk.DeleteVpcEndpointsInput{VpcEndpointIds: []string{x.ID}})
		if err == nil && len(out.Unsuccessful) > 0 && out.Unsuccessful[0].Error != nil {
			err = &smithy.GenericAPIError{Code: text(out.Unsuccessful[0].Error.Code)}
		}
		return deleteEndpoints, err
	case "nat-gateway":
		_, err = r.client.DeleteNatGateway(ctx, &ec2sdk.DeleteNatGatewayInput{NatGatewayId: &x.ID})
		return deleteNATGateway, err
	case "elastic-ip":
		_, err = r.client.ReleaseAddress(ctx, &ec2sdk.ReleaseAddressInput{AllocationId: &x.ID})
		return releaseAddress, err
	case "subnet":
		_, err = r.client.DeleteSubnet(ctx, &ec2sdk.DeleteSubnetInput{SubnetId: &x.ID})
		return deleteSubnet, err
	case "route-table":
		_, err = r.client.DeleteRouteTable(ctx, &ec2sdk.DeleteRouteTableInput{RouteTableId: &x.ID})
		if awserr.Classify(err) == awserr.InUse {
			if action, err := r.disassociate(ctx, x); err != nil {
				return action, err
			}
		}
		return deleteRouteTable, err
	case "security-group":
		_, err = r.client.DeleteSecurityGroup(ctx, &ec2sdk.DeleteSecurityGroupInput{GroupId: &x.ID})
		return deleteSecurityGroup, err
	case "egress-only-internet-gateway":
		_, err = r.client.DeleteEgressOnlyInternetGateway(ctx, &ec2sdk.DeleteEgressOnlyInternetGatewayInput{EgressOnlyInternetGatewayId: &x.ID})
		return deleteEgressGateway, err
	case "internet-gateway":
		if x.VPC != "" {
			_, err = r.client.DetachInternetGateway(ctx, &ec2sdk.DetachInternetGatewayInput{InternetGatewayId: &x.ID, VpcId: &x.VPC})
			if err != nil && awserr.Classify(err) != awserr.NotFound {
				return detachInternetGateway, err
			}
		}
		_, err = r.client.DeleteInternetGateway(ctx, &ec2sdk.DeleteInternetGatewayInput{InternetGatewayId: &x.ID})
		if x.VPC != "" && awserr.Classify(err) == awserr.InUse {
			return detachInternetGateway, err // which was taken, and did nothing yet
		}
		return deleteInternetGateway, err
	case "vpc":
		_, err = r.client.DeleteVpc(ctx, &ec2sdk.DeleteVpcInput{VpcId: &x.ID})
		return deleteVPC, err
	}
	_, err = r.client.DeleteDhcpOptions(ctx, &ec2sdk.DeleteDhcpOptionsInput{DhcpOptionsId: &x.ID})
	return deleteDHCPOptions, err
}

// disassociate takes a table from the owner's subnets, which are gone by now: their
// associations should have gone with them. Those of others stay.
func (r *remover) disassociate(ctx context.Context, table Resource) (action string, err error) {
	for _, n := range r.known {
		id := table.associations[n.ID]
		if n.Kind != "subnet" || id == "" {
			continue
		}
		if _, err := r.client.DisassociateRouteTable(ctx, &ec2sdk.DisassociateRouteTableInput{AssociationId: &id}); err != nil {
			return disassociate, err
		}
	}
	return disassociate, nil
}

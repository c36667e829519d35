package awsroute53

import (
	"context"

	route53sdk "github.com/aws/aws-sdk-go-v2/service/route53"
)

// LoadAPI is what [Load] asks of Route 53: reading calls only. The SDK's client
// implements it, and package awsroute53test has one that answers from a
// snapshot.
//
// An output whose list or structure is nil is read as no answer, not as an empty
// one, as the SDK returns it for an empty body.
type LoadAPI interface {
	route53sdk.ListHostedZonesAPIClient
	route53sdk.ListResourceRecordSetsAPIClient

	GetHostedZone(context.Context, *route53sdk.GetHostedZoneInput, ...func(*route53sdk.Options)) (*route53sdk.GetHostedZoneOutput, error)
	ListHostedZonesByVPC(context.Context, *route53sdk.ListHostedZonesByVPCInput, ...func(*route53sdk.Options)) (*route53sdk.ListHostedZonesByVPCOutput, error)
	GetDNSSEC(context.Context, *route53sdk.GetDNSSECInput, ...func(*route53sdk.Options)) (*route53sdk.GetDNSSECOutput, error)
	GetHostedZoneLimit(context.Context, *route53sdk.GetHostedZoneLimitInput, ...func(*route53sdk.Options)) (*route53sdk.GetHostedZoneLimitOutput, error)
	GetAccountLimit(context.Context, *route53sdk.GetAccountLimitInput, ...func(*route53sdk.Options)) (*route53sdk.GetAccountLimitOutput, error)
}

// ApplyAPI is what [Apply] asks of Route 53.
type ApplyAPI interface {
	route53sdk.ListHostedZonesAPIClient
	route53sdk.ListResourceRecordSetsAPIClient
	route53sdk.GetChangeAPIClient

	GetHostedZone(context.Context, *route53sdk.GetHostedZoneInput, ...func(*route53sdk.Options)) (*route53sdk.GetHostedZoneOutput, error)
	CreateHostedZone(context.Context, *route53sdk.CreateHostedZoneInput, ...func(*route53sdk.Options)) (*route53sdk.CreateHostedZoneOutput, error)
	ChangeResourceRecordSets(context.Context, *route53sdk.ChangeResourceRecordSetsInput, ...func(*route53sdk.Options)) (*route53sdk.ChangeResourceRecordSetsOutput, error)
}

var (
	_ LoadAPI  = (*route53sdk.Client)(nil)
	_ ApplyAPI = (*route53sdk.Client)(nil)
)

// The IAM actions of the calls, see
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html.
const (
	listZones       = "route53:ListHostedZones"
	getZone         = "route53:GetHostedZone"
	listRecords     = "route53:ListResourceRecordSets"
	getDNSSEC       = "route53:GetDNSSEC"
	getZoneLimit    = "route53:GetHostedZoneLimit"
	getAccountLimit = "route53:GetAccountLimit"
	listVPCZones    = "route53:ListHostedZonesByVPC"
	createZone      = "route53:CreateHostedZone"
	changeRecords   = "route53:ChangeResourceRecordSets"
	getChange       = "route53:GetChange"
)

// Actions returns the IAM actions that [Load] can call, in alphabetical order.
func Actions() []string {
	return []string{getAccountLimit, getDNSSEC, getZone, getZoneLimit, listZones, listVPCZones, listRecords}
}

// ApplyActions returns the IAM actions that [Apply] can call, in alphabetical
// order; route53:CreateHostedZone only for a plan that makes a zone.
func ApplyActions() []string {
	return []string{changeRecords, createZone, getChange, getZone, listZones, listRecords}
}

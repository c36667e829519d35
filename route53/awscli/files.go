package awscli

import (
	"regexp"
	"slices"
	"strings"
)

// A File describes one file of a dump directory, as network/awscli does.
type File struct {
	Name    string   // "route53-list-hosted-zones.json"; ZONEID in a name stands for the ID of a hosted zone
	Command []string // what prints it, but for the output format; ZONEID is to be filled in
	Action  string   // the IAM action that the command needs
	Part    string   // what it fills, by its name in the snapshot's JSON
}

const zoneInNames = "ZONEID"

// The names of the files, in their order.
const (
	fileAccountLimit = "route53-get-account-limit.json"
	fileDNSSEC       = "route53-get-dnssec-ZONEID.json"
	fileZone         = "route53-get-hosted-zone-ZONEID.json"
	fileZoneLimit    = "route53-get-hosted-zone-limit-ZONEID.json"
	fileZones        = "route53-list-hosted-zones.json"
	fileRecords      = "route53-list-resource-record-sets-ZONEID.json"
)

// Files returns the files that [Read] reads, in the order of their names.
func Files() []File {
	call := func(name, action, part, command string) File {
		return File{name, strings.Fields("aws route53 " + command), action, part}
	}
	return []File{
		call(fileAccountLimit, "route53:GetAccountLimit", "hostedZoneLimits", "get-account-limit --type MAX_HOSTED_ZONES_BY_OWNER"),
		call(fileDNSSEC, "route53:GetDNSSEC", "hostedZoneDnssec", "get-dnssec --hosted-zone-id ZONEID"),
		call(fileZone, "route53:GetHostedZone", "hostedZoneDetails", "get-hosted-zone --id ZONEID"),
		call(fileZoneLimit, "route53:GetHostedZoneLimit", "hostedZoneLimits", "get-hosted-zone-limit --type MAX_RRSETS_BY_ZONE --hosted-zone-id ZONEID"),
		call(fileZones, "route53:ListHostedZones", "hostedZones", "list-hosted-zones"),
		call(fileRecords, "route53:ListResourceRecordSets", "resourceRecordSets", "list-resource-record-sets --hosted-zone-id ZONEID"),
	}
}

func fileNamed(name string) File {
	files := Files()
	return files[slices.IndexFunc(files, func(f File) bool { return f.Name == name })]
}

// ofZone returns the name of the file of a zone.
func ofZone(pattern, id string) string { return strings.ReplaceAll(pattern, zoneInNames, id) }

// Route 53 gives IDs that begin with Z; emulators give others.
var zoneID = regexp.MustCompile(`^[0-9A-Z]{1,32}$`)

// zoneOf returns the ID of the zone whose file of the pattern has this name.
func zoneOf(pattern, name string) (id string, ok bool) {
	before, after, _ := strings.Cut(pattern, zoneInNames)
	id, ok = strings.CutPrefix(name, before)
	if !ok {
		return "", false
	}
	id, ok = strings.CutSuffix(id, after)
	return id, ok && id != zoneInNames && zoneID.MatchString(id)
}

// Script returns lines for a POSIX shell that make the files of every hosted
// zone of the account. They follow the script of network/awscli, whose function
// save they use.
func Script() string {
	var b strings.Builder
	var each []string
	for _, f := range Files() {
		line := "save " + ofZone(f.Name, "$zone") + " " + strings.ReplaceAll(strings.Join(f.Command[1:], " "), zoneInNames, `"$zone"`)
		if strings.Contains(f.Name, zoneInNames) {
			each = append(each, strings.Replace(line, "save "+ofZone(f.Name, "$zone"), `save "`+ofZone(f.Name, "$zone")+`"`, 1))
			continue
		}
		b.WriteString(line + "\n")
	}
	b.WriteString("for zone in $(aws route53 list-hosted-zones --region \"$region\" --output text --query 'HostedZones[].Id'); do\n")
	b.WriteString("  zone=${zone#/hostedzone/}\n")
	for _, line := range each {
		b.WriteString("  " + line + "\n")
	}
	b.WriteString("done\n")
	return b.String()
}

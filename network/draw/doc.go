// Package draw makes a picture of a VPC: its zones, three beside each other or for a
// phone one below the other ([Narrow]), its subnets with
// the colour of the way by which they reach the internet, its route tables and
// gateways, an arrow from each subnet to where its way out leads, and what failed
// marked where it is.
//
//	svg := draw.SVG(snapshot, options, network.Check(snapshot, options))
//
// The picture is one SVG element without script, outside fonts or links: it can
// be written to a file or put into an HTML page as it is. Its colours follow the
// reader's colour scheme, light or dark, and no meaning rests on colour alone.
// Names and tags of the account are escaped, and cut in the middle, where names of
// one rule are alike; characters that would not show as themselves are replaced.
//
// In a VPC of more than sixty subnets those are drawn that the options name, in
// which a NAT gateway stands, or which a finding is about; the others are
// counted. Of a route table the routes out of the VPC are drawn, six at most.
//
// The package is pure. It draws what was seen, and says of the rest that it was
// not, never that it is not there; see https://docs.aws.amazon.com/vpc/latest/userguide/how-it-works.html
// for what the things are.
package draw

package dex

import (
	"strconv"

	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// Side returns what the configuration says of what all files must agree on.
func (c Config) Side() identity.Side {
	return c.side("dex", func(path string) string { return path })
}

// SideOfText is Side with the places of the configuration's text.
func SideOfText(file string, data []byte) (identity.Side, error) {
	var c Config
	positions, problems := yamltext.Decode(data, &c)
	if err := yamltext.Err(file, problems); err != nil {
		return identity.Side{}, err
	}
	return c.side(file, func(path string) string {
		at, _ := positions.Of(path)
		return at.In(file)
	}), nil
}

func (c Config) side(file string, at func(string) string) identity.Side {
	s := identity.Side{Program: identity.Dex, File: file, Issuers: []identity.Value{{Text: c.Issuer, Path: at("/issuer")}}}
	for i, client := range c.StaticClients {
		if client.ID == "" {
			continue
		}
		path := "/staticClients/" + strconv.Itoa(i) + "/id"
		s.Clients = append(s.Clients, identity.Peer{ID: identity.Value{Text: client.ID, Path: at(path)}, Trusted: client.TrustedPeers})
	}
	return s
}

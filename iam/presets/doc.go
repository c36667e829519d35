// Package presets holds the IAM policies, roles and trust documents of real
// installers and add-ons: what their documentation grants, and what they need.
package presets

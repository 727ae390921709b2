// Package flood tests that a node under attack keeps its memory bounded and serves
// honest senders: floods of valid, invalid and future transactions, huge bodies,
// readers that do not read, thousands of subscriptions. All of it comes from
// 127.0.0.1, where the limits of an address do not apply: it stands for very many
// addresses.
package flood

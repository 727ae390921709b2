package jsonrpc

import (
	"context"
	"fmt"
	"slices"
)

// Method answers one call. The result is written with encoding/json.
type Method func(ctx context.Context, params Params) (any, error)

// Subscriber checks a subscription's parameters and gives the stream to run, or the error that answers the call. Its
// context is the session's, so a stream may capture it.
type Subscriber func(ctx context.Context, params Params) (Stream, error)

// Stream sends results until the context ends or there are no more. The subscription's id has reached the client first.
type Stream func(ctx context.Context, sink *Sink)

// subscription is what a subscribing method name stands for.
type subscription struct {
	subscribe    Subscriber
	notification string // method name of its results
}

// Registry is the set of methods a server offers. Fill it before serving; it is read-only afterwards.
type Registry struct {
	methods       map[string]Method
	subscriptions map[string]subscription
	unsubscribes  map[string]string // unsubscribing method -> notification name it ends
	names         []string
}

// NewRegistry holds rpc_methods alone.
func NewRegistry() *Registry {
	r := &Registry{
		methods:       map[string]Method{},
		subscriptions: map[string]subscription{},
		unsubscribes:  map[string]string{},
	}
	r.Method("rpc_methods", func(context.Context, Params) (any, error) {
		return map[string][]string{"methods": r.Names()}, nil
	})
	return r
}

// Method registers a method under its name and aliases. A name taken twice is a programming error.
func (r *Registry) Method(name string, method Method, aliases ...string) {
	for _, n := range append([]string{name}, aliases...) {
		r.claim(n)
		r.methods[n] = method
	}
}

// Subscription registers a pair of methods that begin and end a subscription.
func (r *Registry) Subscription(subscribe, notification, unsubscribe string, subscriber Subscriber) {
	r.claim(subscribe)
	r.claim(unsubscribe)
	r.subscriptions[subscribe] = subscription{subscribe: subscriber, notification: notification}
	r.unsubscribes[unsubscribe] = notification
}

// SubscriptionAlias offers an existing subscription under further names.
func (r *Registry) SubscriptionAlias(existing, subscribe, unsubscribe string) {
	original, ok := r.subscriptions[existing]
	if !ok {
		panic(fmt.Sprintf("jsonrpc: alias of unknown subscription %q", existing))
	}
	r.Subscription(subscribe, original.notification, unsubscribe, original.subscribe)
}

// Names lists every method, sorted.
func (r *Registry) Names() []string {
	names := slices.Clone(r.names)
	slices.Sort(names)
	return names
}

func (r *Registry) claim(name string) {
	if slices.Contains(r.names, name) {
		panic(fmt.Sprintf("jsonrpc: method %q is registered twice", name))
	}
	r.names = append(r.names, name)
}

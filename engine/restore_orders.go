package engine

import "encoding/binary"

// readSide reads the levels of a side: best first.
func (r *restorer) readSide(m *market, side Side, levels uint32) error {
	var last uint64
	for i := range levels {
		b, err := r.next(levelBytes)
		if err != nil {
			return err
		}
		price, orders := Price(binary.LittleEndian.Uint64(b)), binary.LittleEndian.Uint32(b[8:])
		key := keyOf(side, price)
		if i > 0 && key <= last {
			return damaged("level %d of market %d is not behind the one before", price, m.id)
		}
		if orders == 0 {
			return damaged("level %d of market %d is empty", price, m.id)
		}
		last = key
		for range orders {
			if err := r.readOrder(m, side, price); err != nil {
				return err
			}
		}
	}
	return nil
}

// readOrder reads an order and puts it at the end of its queue. It passes the checks of a new order.
func (r *restorer) readOrder(m *market, side Side, price Price) error {
	b, err := r.next(orderBytes)
	if err != nil {
		return err
	}
	o := Order{
		ID: OrderID(binary.LittleEndian.Uint64(b)), Owner: Owner(binary.LittleEndian.Uint32(b[8:])),
		Quantity: Quantity(binary.LittleEndian.Uint64(b[12:])), TimeInForce: TimeInForce(b[20]), SelfTrade: SelfTrade(b[21]),
		PostOnly: b[22] == 1, Expiry: binary.LittleEndian.Uint64(b[23:]), Market: m.id, Side: side, Price: price,
	}
	if b[22] > 1 || o.TimeInForce == IOC {
		return damaged("order %d has impossible flags", o.ID)
	}
	if reason := r.checkOrder(&o); reason != accepted {
		return damaged("order %d: %s", o.ID, reason)
	}
	r.engine.open(m, &o, o.Quantity)
	return nil
}

func (r *restorer) checkOrder(o *Order) Reason {
	e := r.engine
	if reason := e.checkFields(o); reason != accepted {
		return reason
	}
	if reason := checkTerms(o.Price, o.Quantity); reason != accepted {
		return reason
	}
	if reason := e.checkExpiry(o); reason != accepted {
		return reason
	}
	if e.index.find(o.ID, &e.orders) != 0 {
		return DuplicateOrder
	}
	if e.orders.open >= e.limits.Orders {
		return BookFull
	}
	return accepted
}

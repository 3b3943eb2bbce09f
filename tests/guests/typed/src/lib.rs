//! Functions of every type: a component as anybody builds one, without a word of Temporal or Isolet.

#![expect(unsafe_code, reason = "generated: the bindings are exported by it")]

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "typed" });
}

use bindings::{
    Guest,
    exports::acme::shop::{every_type, hostile, orders},
};
use every_type::Everything;
use orders::{Order, OrderError, Payment, Receipt, StockProblem};

struct Component;

impl Guest for Component {
    fn ping(name: String) -> String {
        format!("pong {name}")
    }
}

impl orders::Guest for Component {
    fn ship(order: Order) -> Result<Receipt, OrderError> {
        if order.items.is_empty() {
            return Err(OrderError::Empty);
        }
        if let Payment::OnAccount(account) = order.payment {
            return Err(OrderError::NotPaid(format!("account {account} owes already")));
        }
        if let Some(many) = order.items.iter().find(|item| 100 < item.count) {
            let message = format!("there are 100 of {}", many.sku);
            return Err(OrderError::OutOfStock(StockProblem { message, non_retryable: true, left: 100 }));
        }
        let total = order.items.iter().map(|item| item.unit_price * f64::from(item.count)).sum();
        Ok(Receipt { order: order.id, total })
    }

    fn refuse_with_text(why: String) -> Result<(), String> {
        Err(why)
    }

    fn refuse_with_record(why: String) -> Result<u32, StockProblem> {
        Err(StockProblem { message: why, non_retryable: false, left: 0 })
    }

    fn refuse() -> Result<(), ()> {
        Err(())
    }
}

impl every_type::Guest for Component {
    fn echo(it: Everything) -> Everything {
        it
    }

    fn echo_bytes(it: Vec<u8>) -> Vec<u8> {
        it
    }

    fn echo_maybe(it: Option<Option<i64>>) -> Option<Option<i64>> {
        it
    }

    fn concatenate(first: String, second: String, third: Option<String>) -> String {
        first + &second + &third.unwrap_or_default()
    }

    fn nothing() {}
}

impl hostile::Guest for Component {
    fn many_bytes(count: u32) -> Vec<u8> {
        vec![7; usize::try_from(count).unwrap_or_default()]
    }

    fn many_numbers(count: u32) -> Vec<u64> {
        (0..u64::from(count)).collect()
    }

    fn count_wide(all: Vec<hostile::Wide>) -> u64 {
        all.len() as u64
    }

    fn count_texts(all: Vec<Vec<String>>) -> u64 {
        all.len() as u64
    }

    fn spin() {
        loop {
            std::hint::spin_loop();
        }
    }

    fn trap() {
        std::process::abort();
    }

    fn exhaust() {
        let mut held = Vec::new();
        loop {
            held.push(vec![1_u8; 1 << 20]);
            std::hint::black_box(&held);
        }
    }
}

bindings::export!(Component with_types_in bindings);

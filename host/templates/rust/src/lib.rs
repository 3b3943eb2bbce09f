//! Every function here with `#[activity]` that `export!` names is an activity of its name.

use std::time::Duration;

use isolet_sdk::{ActivityContext, ActivityError, ApplicationFailure, Level, activity, sleep};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
pub struct Order {
    id: String,
    parcels: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub struct Shipment {
    order: String,
    sent: Vec<String>,
}

/// Sends the parcels of an order, one after the other.
#[activity]
pub async fn ship(context: &ActivityContext, order: Order) -> Result<Shipment, ActivityError> {
    if order.parcels.is_empty() {
        let failure = ApplicationFailure::new(format!("order {} has no parcels", order.id)).with_type("EmptyOrder");
        return Err(failure.with_detail(&order.id).non_retryable().into());
    }
    // What the last heartbeat of the attempt before said: an attempt goes on from there.
    let done: usize = context.heartbeat_details()?.unwrap_or(0);
    for (number, parcel) in order.parcels.iter().enumerate().skip(done) {
        // A cancellation cuts it short, and `?` ends the attempt as cancelled.
        send(context, parcel).await?;
        context.heartbeat(number + 1);
    }
    Ok(Shipment { order: order.id, sent: order.parcels })
}

/// Stands for a request to a carrier.
async fn send(context: &ActivityContext, parcel: &str) -> Result<(), ActivityError> {
    sleep(Duration::from_millis(500)).await?;
    context.log_with(Level::Info, "sent", &[("parcel", &parcel)]);
    Ok(())
}

isolet_sdk::export!(ship);

/// Runs activities natively, without a server and without a sandbox. Time does not pass: sleeps end at once.
#[cfg(test)]
mod tests {
    use isolet_sdk::test::TestContext;

    use super::*;

    fn order() -> Order {
        Order { id: "7".to_owned(), parcels: vec!["tea".to_owned(), "cup".to_owned()] }
    }

    #[test]
    fn all_parcels_are_sent_and_each_is_told() {
        let test = TestContext::new();
        let sent: Shipment = test.run::<ship>(&[&order()]).unwrap().decode().unwrap();
        assert_eq!(sent, Shipment { order: "7".to_owned(), sent: order().parcels });
        assert_eq!(test.heartbeats::<usize>().unwrap(), [1, 2]);
    }

    #[test]
    fn an_attempt_goes_on_from_the_last_heartbeat() {
        let test = TestContext::new().with_heartbeat_details(&[&2]);
        assert!(test.run::<ship>(&[&order()]).is_ok());
        assert!(test.raw_heartbeats().is_empty());
    }

    #[test]
    fn a_cancellation_ends_it_at_once() {
        let test = TestContext::new().cancelled_after_heartbeats(1);
        assert!(matches!(test.run::<ship>(&[&order()]), Err(ActivityError::Cancelled(_))));
    }

    #[test]
    fn an_order_without_parcels_is_not_tried_again() {
        let empty = Order { id: "8".to_owned(), parcels: Vec::new() };
        let context = TestContext::new().context();
        let Err(ActivityError::Application(failure)) = context.block_on(ship(&context, empty)) else { panic!() };
        assert!(failure.type_name() == "EmptyOrder" && failure.is_non_retryable());
    }
}

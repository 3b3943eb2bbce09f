//! What `wit/activities.wit` exports, in Rust. Any language whose compiler makes components could do it.

wit_bindgen::generate!("activities");

struct Activities;

impl Guest for Activities {
    fn ship(order: Order) -> Result<Shipment, Problem> {
        if order.parcels.is_empty() {
            let message = format!("order {} has no parcels", order.id);
            return Err(Problem::EmptyOrder(Refusal { message, non_retryable: true }));
        }
        Ok(Shipment { order: order.id, sent: order.parcels })
    }
}

export!(Activities);

/// Runs activities natively, as the functions that they are.
#[cfg(test)]
mod tests {
    use super::*;

    fn shipped(parcels: &[&str]) -> Result<Shipment, Problem> {
        let parcels = parcels.iter().map(|parcel| parcel.to_string()).collect();
        Activities::ship(Order { id: "7".to_owned(), parcels })
    }

    #[test]
    fn all_parcels_are_sent() {
        assert_eq!(shipped(&["tea", "cup"]).unwrap().sent, ["tea", "cup"]);
    }

    #[test]
    fn an_order_without_parcels_is_not_tried_again() {
        let Err(Problem::EmptyOrder(refusal)) = shipped(&[]) else { panic!() };
        assert!(refusal.non_retryable);
    }
}

/* Every function that ISOLET_ACTIVITIES names is an activity of its name. */

#include <isolet.h>

/* Stands for a request to a carrier. */
static isolet_status send(const char *parcel) {
    ISOLET_TRY(isolet_sleep(ISOLET_MILLISECONDS(500)));
    isolet_log_with(ISOLET_INFO, "sent", ISOLET_LOG_FIELDS({"parcel", isolet_text(parcel)}));
    return ISOLET_OK;
}

/* Sends the parcels, one after the other, from the first that was not sent yet. */
static isolet_status send_all(yyjson_val *parcels, uint32_t *sent) {
    while (*sent < yyjson_arr_size(parcels)) {
        const char *parcel = yyjson_get_str(yyjson_arr_get(parcels, *sent));
        if (parcel == NULL) {
            return ISOLET_FAIL(.message = "a parcel is no text", .type = "TypeError");
        }
        ISOLET_TRY(send(parcel));
        *sent += 1;
        isolet_heartbeat(isolet_uint(*sent));
    }
    return ISOLET_OK;
}

/* Sends the parcels of an order. */
static isolet_status ship(void) {
    yyjson_val *order, *parcels;
    const char *id;
    ISOLET_TRY(isolet_argument(0, &order));
    ISOLET_TRY(isolet_field(order, "id", &id));
    ISOLET_TRY(isolet_field(order, "parcels", &parcels));
    if (yyjson_arr_size(parcels) == 0) {
        return ISOLET_FAIL(.message = isolet_print("order %s has no parcels", id), .type = "EmptyOrder",
                           .non_retryable = true, .details = ISOLET_VALUES(isolet_text(id)));
    }
    /* What the last heartbeat of the attempt before said: an attempt goes on from there. */
    uint32_t sent = 0;
    ISOLET_TRY(isolet_heartbeat_detail(0, &sent));
    isolet_status status = send_all(parcels, &sent);
    if (status == ISOLET_CANCELLED) {
        /* A cancellation cuts the sleep short; what is to be cleaned up then is cleaned up here. */
        isolet_log(ISOLET_WARN, "cancelled after %u parcels", (unsigned)sent);
    }
    ISOLET_TRY(status);
    yyjson_mut_doc *document = isolet_document();
    yyjson_mut_val *shipment = yyjson_mut_obj(document);
    yyjson_mut_obj_add_str(document, shipment, "order", id);
    yyjson_mut_obj_add_val(document, shipment, "sent", yyjson_val_mut_copy(document, parcels));
    return isolet_complete(isolet_json(shipment));
}

ISOLET_ACTIVITIES(ISOLET_ACTIVITY(ship, "order"))

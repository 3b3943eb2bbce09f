/* What a JPEG says of itself, read by code that trusts nothing: a picture that lies can hurt its own attempt alone. */

#include <stdint.h>
#include <string.h>

#include <isolet.h>

/* A picture, and how far it is read. */
typedef struct {
    const uint8_t *data;
    size_t size;
    size_t at;
} reader;

static isolet_status broken(const char *what) {
    return ISOLET_FAIL(.message = isolet_print("no JPEG: %s", what), .type = "BrokenPicture", .non_retryable = true);
}

static bool read_byte(reader *picture, uint8_t *byte) {
    if (picture->at >= picture->size) {
        return false;
    }
    *byte = picture->data[picture->at++];
    return true;
}

static bool read_two(reader *picture, unsigned *number) {
    uint8_t high, low;
    if (!read_byte(picture, &high) || !read_byte(picture, &low)) {
        return false;
    }
    *number = (unsigned)high << 8 | low;
    return true;
}

/* Whether a segment of this kind has the size of the picture. */
static bool is_frame(uint8_t marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/* Reads on to the segment that has the size. */
static isolet_status find_frame(reader *picture, uint8_t *marker, unsigned *segments) {
    for (*segments = 0;; ++*segments) {
        uint8_t start;
        unsigned length;
        if (!read_byte(picture, &start) || start != 0xFF || !read_byte(picture, marker)) {
            return broken("a segment does not begin with a marker");
        }
        if (!read_two(picture, &length) || length < 2) {
            return broken("a segment without a length");
        }
        if (is_frame(*marker)) {
            return ISOLET_OK;
        }
        if (length - 2 > picture->size - picture->at) {
            return broken("a segment is longer than the file");
        }
        picture->at += length - 2;
    }
}

/* Tells a picture's width, height and colours. */
static isolet_status jpeg_info(void) {
    isolet_bytes bytes;
    ISOLET_TRY(isolet_argument(0, &bytes));
    reader picture = {bytes.data, bytes.size, 2};
    if (bytes.size < 2 || memcmp(bytes.data, "\xFF\xD8", 2) != 0) {
        return broken("it does not begin as one");
    }
    uint8_t marker, precision, components;
    unsigned segments, height, width;
    ISOLET_TRY(find_frame(&picture, &marker, &segments));
    if (!read_byte(&picture, &precision) || !read_two(&picture, &height) || !read_two(&picture, &width) ||
        !read_byte(&picture, &components)) {
        return broken("it ends in the middle");
    }
    isolet_log_with(ISOLET_INFO, "read", ISOLET_LOG_FIELDS({"segments", isolet_uint(segments)}));
    yyjson_mut_doc *document = isolet_document();
    yyjson_mut_val *info = yyjson_mut_obj(document);
    yyjson_mut_obj_add_uint(document, info, "width", width);
    yyjson_mut_obj_add_uint(document, info, "height", height);
    yyjson_mut_obj_add_uint(document, info, "bits", precision);
    yyjson_mut_obj_add_str(document, info, "colours", components == 1 ? "grey" : "colour");
    yyjson_mut_obj_add_bool(document, info, "progressive", marker == 0xC2);
    return isolet_complete(isolet_json(info));
}

ISOLET_ACTIVITIES(ISOLET_ACTIVITY(jpeg_info, "picture"))

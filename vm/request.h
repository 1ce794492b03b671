/* vm/request.h - The request of a call of an endpoint, as the image has it and everybody reads it: where, and with
 * what.
 *
 * The text is a URL and, behind it, a line for each argument: its name. In the URL `{1}` stands where the first
 * argument goes, percent-encoded; never in the scheme or the host. A URL that begins with `/` leaves these to the
 * installation. An argument that does not go into the URL is a member of the JSON object that is sent. Owns nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { REQUEST_ARGS_MAX = 32, REQUEST_URL_MAX = 2000 };

struct request_text {
    const char *bytes;
    uint32_t length;
};

struct http_request {
    struct request_text url;
    struct request_text names[REQUEST_ARGS_MAX];
    uint32_t count;
    uint32_t in_url, in_path; /* a bit an argument */
};

/* NULL where the text is a request of so many arguments; else what is wrong with it, in words. Names and URL borrow the
 * text. `body`: may some of them go elsewhere than into the URL? */
const char *request_read(struct request_text, uint32_t arguments, bool body, struct http_request *);
/* The same of a URL alone: `in_url` and `in_path` become what they say. */
const char *request_url(struct http_request *, uint32_t arguments);
/* The length of the URL's scheme and host; 0: it begins with its path. */
uint32_t request_root(struct request_text url);

/* The next piece of a URL: text, and behind it perhaps an argument (from 0; UINT32_MAX: none). False: it is over. */
bool request_piece(struct request_text url, uint32_t *at, struct request_text *text, uint32_t *argument);

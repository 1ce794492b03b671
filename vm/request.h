/* vm/request.h - The request of a call of an endpoint, in the form of the image: URL and arguments.
 *
 * The text is a URL and after it a line for each argument: its name. `{1}` in the URL is replaced by the first
 * argument, percent-encoded; it is never allowed in the scheme or the host. For a URL that begins with `/` the
 * installation sets scheme and host. An argument that is not in the URL becomes a member of the JSON object that is
 * sent. Owns nothing. */
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

/* Reads a request; NULL: the text is a request with so many arguments; else a sentence about what is wrong. Names
 * and URL are borrowed from the text. `body`: are arguments outside the URL allowed? */
const char *request_read(struct request_text, uint32_t arguments, bool body, struct http_request *);
/* Checks the URL alone, and sets `in_url` and `in_path` by it. */
const char *request_url(struct http_request *, uint32_t arguments);
/* Returns the length of the URL's scheme and host; 0: it begins with its path. */
uint32_t request_root(struct request_text url);

/* Takes the next piece of a URL: a text, and perhaps an argument after it (from 0; UINT32_MAX: none). False: it is
 * over. */
bool request_piece(struct request_text url, uint32_t *at, struct request_text *text, uint32_t *argument);

/* runtime/adapters/desk/past.h - What was: reports, forecasts and the ways of interactions that have ended. The program
 * gcxrecords reads them from the records' database, which the setting `records` names; without it there are none.
 *
 *     browser -- GET /api/supervisor/reports/... --> api_records.c --> past_ask()
 *     gcxrecords report service_level DATABASE --json ...      past_work(), in a thread of its own
 *     browser <-- what it has printed --- past_done()
 *
 * A program that is slow holds up nobody but those who wait for it. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct desk;
struct event_base;
struct evhttp_request;
struct past;

/* The commands of gcxrecords that the pages use. */
enum past_command { PAST_reports, PAST_report, PAST_forecast, PAST_find, PAST_way, PAST_sample, PAST_judged };

/* Begins the thread. NULL: there is none to be had. */
struct past *past_new(struct desk *, struct event_base *);
void past_free(struct past *); /* NULL is allowed; a program that runs is ended */
/* Asks for it with the parameters of the request, which openapi.json has checked, and answers the browser. */
void past_ask(struct desk *, struct evhttp_request *, enum past_command, const json_t *params);
/* Does the same, but what the program has printed is given to `then`, which answers the browser. Where the program
 * fails, or the browser has gone, `then` is not called. */
typedef void past_then(struct desk *, struct evhttp_request *, json_t *params, const char *printed, size_t length);
void past_ask_then(struct desk *, struct evhttp_request *, enum past_command, json_t *params, past_then *);
/* Does the same for the desk itself, whose `then` gets no browser, and nothing printed where the program fails. False:
 * it cannot be asked now. */
bool past_ask_own(struct desk *, enum past_command, json_t *params, past_then *);
/* Asks `gcxctl soon`, by the instance desk.soon, what a change would do to the next two hours: `change` is as
 * desk_look_soon() makes it. It takes up to some minutes, so nobody else waits for it. */
void past_soon(struct desk *, struct evhttp_request *, const json_t *change);

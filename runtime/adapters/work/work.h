/* runtime/adapters/work/work.h - The plugin `work`: pieces of work and faxes that applications submit by HTTP.
 *
 *     application --> application.c: is it one? --> Submit, RequestStop --> core
 *          ^----------- answered ------------- Reply <---------------------/
 *
 * The adapter stores nothing, so it does not use the post office (runtime/post), which keeps everything first. The
 * application must keep the work until it gets the answer 200: the core's journal has it then. After another answer,
 * or none, the application repeats its request, and the core recognizes the work by its id. Like the post office the
 * adapter asks the core about what it has submitted (submits.h). */
#pragma once

#include <glib.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/watched.h"
#include "runtime/adapters/work/setting.h"
#include "runtime/post/submits.h"
#include "runtime/vocabulary/message.h"
#include "runtime/web/applications.h"

struct event;

struct work {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct work_setting setting;
    struct watched_files files;
    const char *name; /* the adapter's name; NULL: it runs without a process of its own, as in a test */
    struct event *tick;
    struct door *door;
    struct applications applications;
    struct submits asking; /* of struct work_request: requests that wait for the core's answer */
    struct writer writer;
};

submit_answered work_application_answered;
bool work_application_open(struct work *, char *why, size_t why_size);
bool work_application_check(const struct work_setting *, char *why, size_t why_size);
void work_application_put_off(struct work *); /* answers 503 to all requests that wait: the core's answer may be lost */
void work_application_tick(struct work *);
void work_application_close(struct work *);

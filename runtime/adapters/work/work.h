/* runtime/adapters/work/work.h - The plugin `work`: pieces of work and faxes that applications submit by HTTP.
 *
 *     application --> application.c: is it one? --> Submit, RequestStop --> core
 *          ^----------- answered ------------- Reply <---------------------/
 *
 * The adapter keeps nothing, so it is no way of the post office (runtime/post), whose first promise is to keep. The
 * application has the work until it has its answer: 200 when the core's journal has it. It asks again after another
 * answer, or none, and the core knows the work by its id. The adapter shares with the office the question to the core
 * (submits.h). */
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
    const char *name; /* the adapter's name; NULL: it runs in memory, without a process */
    struct event *tick;
    struct door *door;
    struct applications applications;
    struct submits asking; /* of struct work_request: the questions to the core */
    struct writer writer;
};

submit_answered work_application_answered;
bool work_application_open(struct work *, char *why, size_t why_size);
bool work_application_check(const struct work_setting *, char *why, size_t why_size);
void work_application_put_off(struct work *); /* answers 503 to all that wait: the core's answer may be lost */
void work_application_tick(struct work *);
void work_application_close(struct work *);

/* runtime/adapters/desk/api.h - HTTP requests. api.c checks who asks and whether the request matches openapi.json. One
 * file per subject then answers it; the end of that file has one row per operation. The files by their paths:
 *
 *     /api/login, /api/logout, /api/me, /api/chosen                  api_session.c
 *     /api/contacts                                                  api_contacts.c
 *     /api/interactions, open, search, stored, mentions              api_interactions.c
 *     /api/parts, /api/uploads                                       api_files.c
 *     /api/calls, /api/favourites                                    api_calls.c
 *     /api/responses, /api/knowledge, /api/help                      api_texts.c
 *     /api/queues, /api/workbins, /api/views, /api/agents            api_queues.c
 *     /api/reviews, /api/supervisor/quality                          api_quality.c
 *     /api/supervisor/reports, forecasts, history, recordings        api_records.c
 *     /api/supervisor/sounds, speech                                 api_sounds.c
 *     all else of /api/supervisor                                    api_supervise.c
 *     /api/strategies                                                api_strategies.c
 *     pages, /languages, /openapi.json                               api_pages.c
 *
 * An operation answers at once (api_answer()), or gives a job to the store's thread and answers when it is done
 * (api_jobs.c), or asks the core without the journal (read.c), or gcxvm's admin socket (look.c). What a supervisor
 * leads is asked in api_led.c.
 *
 * A request that waits remembers its browser by an asker (web/reply.h); an answer for a browser that has gone is
 * dropped. */
#pragma once

#include "runtime/adapters/desk/desk.h"

enum { API_WHY = 200 }; /* bytes of a sentence that tells why a request is refused */

/* A request while it is being checked. */
struct api_asked {
    struct desk *desk;
    struct evhttp_request *http;
    const char *operation;        /* its operationId of openapi.json */
    struct desk_session *session; /* the session of the request's user; NULL: the request has no session */
    json_t *params, *body;        /* borrowed */
};

/* One operation of openapi.json, and by which one of the others it is answered. */
struct api_call {
    const char *id; /* its operationId; NULL: the table ends here */
    void (*on)(struct api_asked *);
    desk_work *keep; /* the store answers, and no more is to be done */
    look_acts *acts; /* gcxvm's admin socket is asked in the name of the session's agent */
    look_led *led;   /* called when gcxvm has said whom the session's agent leads (api_ask_led()) */
};

/* The tables of all subjects, each of its file. */
extern const struct api_call api_session_calls[], api_contact_calls[], api_interaction_calls[], api_file_calls[],
    api_call_calls[], api_text_calls[], api_queue_calls[], api_quality_calls[], api_record_calls[], api_sound_calls[],
    api_supervise_calls[], api_strategy_calls[], api_page_calls[];
extern const struct api_call api_studio_call; /* all operations of runtime/studio */

/* api.c */
void api_request(void *desk, struct evhttp_request *);
void api_handlers(GHashTable *operations); /* puts in all operations: struct api_call, by operationId */

/* api_led.c: whom a supervisor leads. */
/* Asks gcxvm whom the session's agent leads; then `led` answers, and `asked_by` of the parameters names the agent. */
void api_ask_led(struct api_asked *, look_led *led);
bool api_sees_queue(const json_t *params);   /* may the person read all of the queue `name`? */
bool api_sees_workbin(const json_t *params); /* all of the workbin of the agent or group `whose`? */
/* The names of one kind in `led` (which `within` was), one a line; g_free. Of "agent:anna\nqueue:sales\n" the agents
 * are "anna". A team is a group. */
char *api_led_names(const json_t *params, const char *led, const char *kind);

/* api_jobs.c: jobs at the store. */
/* The end of a job: sends the store's answer, or the kind of its error. */
void api_answer_job(struct desk *, struct desk_job *);
/* Makes a job in the name of the session's agent, for desk_job_give(). NULL: too many jobs wait, and the browser got an
 * error. */
struct desk_job *api_job_of(struct api_asked *, desk_work *, desk_done *);
/* Has the store do the work in the name of the session's agent; then `done` answers the browser. */
void api_from_store(struct api_asked *, desk_work *, desk_done *);
/* Gives the store a job in the name of the person in the parameter `asked_by`. */
void api_params_give(struct desk *, struct evhttp_request *, json_t *params, desk_work *, desk_done *);

/* tests/fuzz/fuzz_desk.c - Any lines as what a browser sends to the desk: a line with a brace in front is a message of
 * its WebSocket connection, another one a request's path and query. Whatever the core is told is an event that it
 * takes, and each message has one answer at most. */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/desk/asks.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "tests/fuzz/fuzz.h"

enum { TICKET = 1, OWN = 42, CLAIM = 7, LINE_MAX_BYTES = 300000 };

static struct desk desk;
static struct desk_agent *agent;
static struct desk_session session = {.role = ROLE_supervisor};

static bool post(struct gcx_link *link, struct span frame)
{
    struct message message;
    (void)link;
    MUST(frame.length <= MESSAGE_EVENT_MAX && message_read(&message, frame.bytes, frame.length, NULL));
    MUST(kind_is_event(message.kind));
    return true;
}

static bool desk_link_is_up(const struct gcx_link *link)
{
    (void)link;
    return true;
}

static uint64_t desk_clock_us(const struct gcx_link *link)
{
    (void)link;
    return 1;
}

static uint64_t journal(const struct gcx_link *link)
{
    (void)link;
    return 7;
}

static void desk_figure(struct gcx_link *link, const char *name, int64_t value)
{
    (void)link, (void)name, (void)value;
}

static void neighbour(struct gcx_link *link, const char *name, bool is_up, const char *why)
{
    (void)link, (void)name, (void)is_up, (void)why;
}

static const struct gcx_services services = {.post = post,
                                             .up = desk_link_is_up,
                                             .now_us = desk_clock_us,
                                             .wall_us = desk_clock_us,
                                             .journal = journal,
                                             .neighbour = neighbour,
                                             .figure = desk_figure,
                                             .count = desk_figure};

static void work(void *self, void *job)
{
    (void)self, (void)job;
}

static void done(void *self, void *job)
{
    (void)self, (void)job;
}

static void on_request(void *self, struct evhttp_request *request)
{
    (void)self, (void)request;
}

static void on_gone(void *self, uint64_t ticket)
{
    (void)self, (void)ticket;
}

static void begin_agent(void)
{
    agent = memory_zeroed(1, sizeof *agent);
    agent->desk = &desk;
    text_set(agent->name, sizeof agent->name, "marie");
    agent->client = agent->ticket = TICKET;
    agent->session = &session;
    agent->states = json_object();
    agent->items = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free);
    g_hash_table_insert(desk.agents, agent->name, agent);
    g_hash_table_insert(desk.tickets, &agent->ticket, agent);
}

static void begin(void)
{
    static char *media[] = {"email", "chat", NULL};
    static char *none[] = {NULL}, *bins[] = {"drafts", NULL}, *keys[] = {"note", NULL}, *tags[] = {"urgent", NULL};
    static const struct worker_calls jobs = {&desk, work, done, desk_job_dropped, NULL};
    static const struct door_options options = {.message_max = LINE_MAX_BYTES};
    static const struct door_calls calls = {&desk, on_request, said_heard, on_gone, NULL, desk_agent_has};
    struct event_base *base = event_base_new();
    desk.services = &services;
    desk.setting.outbound = "outbound", desk.setting.from = "", desk.setting.tserver = "";
    desk.setting.all_origins = desk.setting.all_names = desk.setting.all_parameters = none;
    desk.setting.all_wrapups = desk.setting.all_reasons = none;
    desk.setting.all_media = media;
    desk.setting.all_queues = desk.setting.all_asks = none, desk.setting.all_workbins = bins,
    desk.setting.all_data = keys, desk.setting.all_tags = tags;
    desk.macros =
        json_pack("[{s:s, s:[s], s:s, s:s}]", "name", "m", "tags", "urgent", "to", "workbin", "place", "drafts");
    desk.contract = contract_new();
    desk.worker = worker_new(base, &jobs);
    desk.door = door_new(base, &options, &calls);
    desk.console = consoles_new(&desk);
    desk.messages = g_hash_table_new(g_str_hash, g_str_equal);
    said_handlers(desk.messages);
    desk.agents = g_hash_table_new(g_str_hash, g_str_equal);
    desk.tickets = g_hash_table_new(g_int64_hash, g_int64_equal);
    desk.asked = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, desk_request_free);
    desk.watches = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, watch_free);
    asks_init(&desk);
    writer_init(&desk.writer);
    begin_agent();
    struct item *item = item_new(agent, OWN);
    item->claim = CLAIM;
    item->open = true;
    item->stored = 1;
    item->shown = json_pack("{s:s, s:s, s:{s:s}}", "media", "email", "mode", "invite", "data", "agent", "paul");
}

static void ask(const char *line)
{
    json_t *params = NULL;
    char **parts = g_strsplit(line, "&", 20), why[200];
    bool known;
    const struct operation *operation = contract_find(desk.contract, "get", parts[0], &params, &known);
    MUST(!operation || known);
    for (char **one = parts + 1; operation && *parts && *one; one++) {
        char *value = strchr(*one, '=');
        if (value) *value++ = 0;
        (void)contract_query(operation, params, *one, value ? value : "", why, sizeof why);
    }
    if (operation) {
        (void)contract_whole(operation, params, why, sizeof why);
        json_decref(params);
    }
    g_strfreev(parts);
}

static void take(const char *line, size_t length)
{
    unsigned before = g_hash_table_size(desk.asked);
    if (*line == '{' || *line == '[')
        said_heard(&desk, TICKET, line, length);
    else if (length > 0)
        ask(line);
    MUST(g_hash_table_size(desk.asked) <= before + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (!desk.contract) begin();
    char *text = g_strndup((const char *)bytes, length), *rest = text, *line;
    while ((line = strsep(&rest, "\n"))) take(line, strlen(line));
    g_free(text);
    core_away(&desk);
    watch_forget(agent);
    core_away(&desk);
    return 0;
}

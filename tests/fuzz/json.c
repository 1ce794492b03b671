/* tests/fuzz/json.c - One change to a value of JSON that leaves it one. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static json_t *any_value(uint32_t *seed)
{
    static const char *const texts[] = {"7001",
                                        "7002",
                                        "1800",
                                        "5000",
                                        "6001",
                                        "marie",
                                        "1",
                                        "2",
                                        "17",
                                        "0010000000000001",
                                        "inbound",
                                        "internal",
                                        "0145",
                                        "",
                                        "r1",
                                        "ready",
                                        "normal",
                                        "busy",
                                        "AfterCallWork",
                                        "0010000000000002",
                                        "connected",
                                        "routing",
                                        "extension",
                                        "voice",
                                        "enterprise",
                                        "French",
                                        "overflow",
                                        "desk",
                                        "timeout",
                                        "routed",
                                        "ivr.digits",
                                        "customers",
                                        "not_ready",
                                        "step",
                                        "4711",
                                        "hangup",
                                        "abandoned",
                                        "service",
                                        "query",
                                        "1-000000000001",
                                        "interactions",
                                        "trace",
                                        "why",
                                        "data",
                                        "end",
                                        "log-out",
                                        "activate",
                                        "drain",
                                        "agents",
                                        "queues",
                                        "routing-points",
                                        "strategies",
                                        "otlp",
                                        "warning"};
    static const char *const others[] = {"null",
                                         "true",
                                         "{}",
                                         "[]",
                                         "-1",
                                         "1e9",
                                         "9223372036854775807",
                                         "0.5",
                                         "60000000",
                                         "3600000000",
                                         "[1]",
                                         "{\"a\":{\"b\":[[\"k\",1],[\"k\",null]]}}",
                                         "[\"a\",\"b\"]",
                                         "[{\"device\":\"7001\",\"state\":\"connected\"}]"};
    if (fuzz_random(seed, 3)) return json_string(texts[fuzz_random(seed, sizeof texts / sizeof *texts)]);
    if (fuzz_random(seed, 2)) return json_integer(fuzz_random(seed, 20));
    return json_loads(others[fuzz_random(seed, sizeof others / sizeof *others)], JSON_DECODE_ANY, NULL);
}

static void change_object(json_t *object, uint32_t *seed)
{
    static const char *const keys[] = {"Message",       "ThisDN",       "OtherDN",     "ConnID",    "ReferenceID",
                                       "UserData",      "AgentID",      "event",       "callID",    "device",
                                       "callingDevice", "calledDevice", "routeID",     "cause",     "digits",
                                       "data",          "correlator",   "state",       "queue",     "result",
                                       "error",         "code",         "kind",        "name",      "do",
                                       "at_us",         "as",           "media",       "strategy",  "value",
                                       "fail",          "after_us",     "args",        "of",        "to",
                                       "times",         "every_us",     "hangs_up_us", "within_us", "never",
                                       "events",        "items",        "what",        "outcomes",  "share",
                                       "no_answer",     "command",      "id",          "ixn",       "conn",
                                       "why",           "agent",        "limit",       "from",      "files",
                                       "point",         "image",        "room",        "level",     "cancel",
                                       "format",        "live"};
    size_t count = json_object_size(object), at = count ? fuzz_random(seed, (uint32_t)count) : 0;
    const char *key = keys[fuzz_random(seed, sizeof keys / sizeof *keys)];
    void *member = json_object_iter(object);
    while (member && at-- > 0) member = json_object_iter_next(object, member);
    json_t *value = member ? json_object_iter_value(member) : NULL;
    if (value && (json_object_size(value) || json_array_size(value)) && fuzz_random(seed, 4)) {
        fuzz_json(value, seed);
        return;
    }
    switch (fuzz_random(seed, 8)) {
    case 0:
        if (member) json_object_del(object, json_object_iter_key(member));
        break;
    case 1:
    case 2:
        json_object_set_new(object, key, any_value(seed));
        break;
    default:
        if (member) json_object_iter_set_new(object, member, any_value(seed));
    }
}

static void change_array(json_t *array, uint32_t *seed)
{
    size_t count = json_array_size(array), at = count ? fuzz_random(seed, (uint32_t)count) : 0;
    json_t *value = json_array_get(array, at);
    if (value && (json_object_size(value) || json_array_size(value)) && fuzz_random(seed, 4)) {
        fuzz_json(value, seed);
        return;
    }
    switch (fuzz_random(seed, 4)) {
    case 0:
        json_array_remove(array, at);
        break;
    case 1:
        if (value) json_array_insert_new(array, fuzz_random(seed, (uint32_t)count + 1), json_deep_copy(value));
        break;
    case 2:
        if (value) json_array_set_new(array, at, any_value(seed));
        break;
    default:
        json_array_append_new(array, any_value(seed));
    }
}

void fuzz_json(json_t *value, uint32_t *seed)
{
    if (json_is_object(value)) change_object(value, seed);
    if (json_is_array(value)) change_array(value, seed);
}

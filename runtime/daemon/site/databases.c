/* runtime/daemon/site/databases.c - Turns the sections `source` and `endpoint` into settings of their pools. */
#include "runtime/daemon/site/databases.h"

#include <stdio.h>

#include "runtime/journal/place.h"

/* A name for each setting: an option of a source without a setting, or a setting without an option, does not
 * compile. */
enum {
#define SECTION(name, many, open, doc)
#define SETTING(section, key, type, fallback, lowest, highest, doc) SETTING_##section##_##key,
#include "runtime/daemon/site/conf.def"
};

struct source_options databases_options(const struct conf_source *source)
{
    struct source_options options = {.name = source->name};
#define SOURCE_KIND(key, operations, example) SOURCE_TEXT(key)
#define SOURCE_TEXT(key)                      options.key = source->key, (void)SETTING_source_##key;
#define SOURCE_TRUTH(key)                     SOURCE_TEXT(key)
#define SOURCE_NUMBER(field, key)             options.field = (uint32_t)source->key, (void)SETTING_source_##key;
#define SOURCE_TIME(field, key)               options.field = source->key * 1000, (void)SETTING_source_##key;
#include "runtime/sources/options.def"
    return options;
}

/* Reports a wrong section, by its line. */
static bool section_wrong(const struct conf *conf, int line, const struct error *error, conf_complaint *complaint,
                          void *self)
{
    char text[640];
    snprintf(text, sizeof text, "%.256s:%d: %s", conf->file, line, error->text);
    complaint(self, text);
    return false;
}

bool databases_check(const struct conf *conf, conf_complaint *complaint, void *self)
{
    struct error error = {0};
    bool good = place_database_check(conf->journal, &error) ||
                section_wrong(conf, conf_line(conf, "journal"), &error, complaint, self);
    for (size_t i = 0; i < conf->source_count; i++) {
        struct source_options options = databases_options(&conf->sources[i]);
        if (!source_check(&options, &error)) good = section_wrong(conf, conf->sources[i].line, &error, complaint, self);
    }
    return good;
}

struct sources *databases_open(const struct conf *conf, const struct sources_options *how, struct error *error)
{
    struct sources *sources = sources_new(how);
    for (size_t i = 0; i < conf->source_count; i++) {
        struct source_options options = databases_options(&conf->sources[i]);
        if (sources_add(sources, &options, error)) continue;
        sources_free(sources);
        return NULL;
    }
    return sources;
}

/* Turns a section into options for the pool of endpoints: times in microseconds. */
static struct endpoint_options endpoint_of(const struct conf_endpoint *endpoint)
{
    return (struct endpoint_options){.name = endpoint->name,
                                     .url = endpoint->url,
                                     .header_file = endpoint->header_file,
                                     .ca_file = endpoint->ca_file,
                                     .answer = endpoint->answer,
                                     .at = endpoint->at,
                                     .request_file = endpoint->request_file,
                                     .content_type = endpoint->content_type,
                                     .timeout_us = endpoint->timeout_ms * 1000,
                                     .connect_us = endpoint->connect_ms * 1000,
                                     .bytes_max = (uint32_t)endpoint->bytes,
                                     .connections = (uint32_t)endpoint->connections,
                                     .waiting_max = (uint32_t)endpoint->waiting,
                                     .failures = (uint32_t)endpoint->failures,
                                     .retry_us = endpoint->retry_ms * 1000,
                                     .retry_max_us = endpoint->retry_max_ms * 1000};
}

bool site_endpoints_good(const struct conf *conf, conf_complaint *complaint, void *self)
{
    bool good = true;
    struct error error = {0};
    for (size_t i = 0; i < conf->endpoint_count; i++) {
        struct endpoint_options options = endpoint_of(&conf->endpoints[i]);
        if (!endpoint_check(&options, &error))
            good = section_wrong(conf, conf->endpoints[i].line, &error, complaint, self);
    }
    return good;
}

struct endpoints *site_endpoints_open(const struct conf *conf, const struct endpoints_options *how, struct error *error)
{
    struct endpoints *endpoints = endpoints_new(how);
    for (size_t i = 0; i < conf->endpoint_count; i++) {
        struct endpoint_options options = endpoint_of(&conf->endpoints[i]);
        if (endpoints_add(endpoints, &options, error)) continue;
        endpoints_free(endpoints);
        return NULL;
    }
    return endpoints;
}

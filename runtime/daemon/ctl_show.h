/* runtime/daemon/ctl_show.h - Answers of the admin socket as tables for people, on standard output. */
#ifndef DAEMON_CTL_SHOW_H
#define DAEMON_CTL_SHOW_H

#include <jansson.h>

void show_status(const json_t *);
void show_agents(const json_t *);
void show_queues(const json_t *);
void show_interactions(const json_t *);
void show_trace(const json_t *);
void show_data(const json_t *);
void show_load(const json_t *);
void show_version(const json_t *);

#endif

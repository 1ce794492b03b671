/* tests/unit/relay.h - Stands between a program and PostgreSQL's socket, and loses a question or an answer when it is
 * told to: then it closes both sides. */
#pragma once

#include <stddef.h>

enum relay_eats { RELAY_NOTHING, RELAY_QUESTION, RELAY_ANSWER };

struct relay;

/* `server`: a connection string whose host is a folder; `through`: the same by way of the relay. */
struct relay *relay_begin(const char *server, char *through, size_t size);
void relay_eat(struct relay *,
               enum relay_eats); /* the next question, or the answer to it, which the server has given */
unsigned relay_eaten(const struct relay *);
unsigned relay_questions(const struct relay *); /* so many have gone to the server: round trips, on a slow line */
void relay_end(struct relay *);                 /* closes all; who connects is refused */

/* tests/unit/papers.h - A certificate and its key in files, for an hour. */
#pragma once

struct papers {
    char folder[64], certificate[128], key[128];
};

/* Signed by itself, so that it is its own authority: of the name, of other.example.org, 127.0.0.1, one@example.org. */
void papers_make(struct papers *, const char *name);
/* The same; it ends in so many seconds, or has ended. */
void papers_make_until(struct papers *, const char *name, long seconds);
void papers_end(struct papers *);

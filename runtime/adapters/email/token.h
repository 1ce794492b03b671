/* runtime/adapters/email/token.h - How we log in to a mail server: by a password, or by an access token of OAuth 2.0
 * (RFC 6749), which mailboxes of Microsoft and Google want. Tokens are fetched from the address that `oauth` names, and
 * kept until they end, or until the secret by which they were asked for changes. All but token_new(), token_watched()
 * and token_stops() may be called from any thread. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

struct email_setting;
struct token;
struct watched_files;

/* Reads the files of the settings. NULL with the reason. */
struct token *token_new(const struct email_setting *, char *why, size_t why_size);
void token_watched(struct token *, struct watched_files *); /* reads changed files again; NULL is allowed */
void token_free(struct token *);                            /* NULL is allowed */
void token_stops(struct token *); /* the process ends: a fetch under way is given up; NULL is allowed */
/* Sets name and password of the connection, or a token where there is no password. Blocks while a token is fetched.
 * False with the reason. */
bool token_log_in(struct token *, CURL *, const char *user, const char *password, char *why, size_t why_size);
void token_refused(
    struct token *); /* a mail server has refused the log-in: the next one fetches another token; NULL is allowed */
/* Is the password or the token among these bytes? They are for no log. */
bool token_is_told(struct token *, const char *password, const char *bytes, size_t length);

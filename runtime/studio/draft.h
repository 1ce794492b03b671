/* runtime/studio/draft.h - What a person writes: the draft, its way to a review, and from there to all.
 *
 *     save ... save        commits of refs/heads/drafts/NAME; the first is made upon HEAD
 *     propose              refs/heads/reviews/NAME is the draft's commit
 *     approve              another person has it merged into HEAD's branch; draft and review are gone
 *     decline, discard     the review is gone; the draft is gone
 *
 * Four eyes: who has written a commit of the review, or has proposed it, cannot approve it. A commit's author says who
 * has written it, and the console alone makes these commits; what people push by themselves is theirs to guard. */
#pragma once

#include "runtime/studio/repository.h"

/* The address by which a commit names a person of the console; g_free. */
char *studio_address(const char *name);
/* Saves a file of the draft, or removes it where `text` is NULL. `seen`: the id of the file that the person has
 * changed,
 * "" of a new file; where it is another one meanwhile, the error is ERROR_STATE. Returns {commit, id}. */
json_t *studio_save(git_repository *, const struct studio_person *, const char *path, const char *text,
                    const char *seen, const char *message, struct error *);
/* Takes what is published into the person's draft. Where both have changed the same lines of a strategy, it has both
 * texts, and `both` takes its path. ERROR_STATE: that is so of another file. */
bool studio_update(git_repository *, const struct studio_person *, json_t *both, struct error *);
/* Forgets the person's draft, or review. True also where there is none. */
bool studio_forget(git_repository *, const char *kind, const char *person, struct error *);
/* Asks for approval of the draft as it is now, under the title; "": under the words of its last change. */
bool studio_propose(git_repository *, const struct studio_person *, const char *title, struct error *);
/* The reviews that are open: {by, commit, message, at_ms, mine}. `mine`: the person may not approve it by four eyes. */
json_t *studio_reviews(git_repository *, const struct studio_person *, struct error *);
/* Ends the review of `by`, if its commit is `commit` still. */
bool studio_decline(git_repository *, const char *by, const char *commit, struct error *);
/* Merges the review of `by` into HEAD's branch, if its commit is `commit` still, and gcxc finds no error in both
 * together. Returns {commit}. */
json_t *studio_approve(git_repository *, const struct studio_person *, const char *by, const char *commit,
                       bool four_eyes, int stop, struct error *);

-- tests/language/nvim_session.lua - A session of Neovim's own client with gcxc lsp, by the functions that its users call:
-- in the folder of a copy of the enterprise strategy, set up as the README says. What failed is written to `found`.
local lines, failed = {}, 0

local function say(text) table.insert(lines, text) end

local function holds(what, good, found)
    say((good and "ok " or "FAILED ") .. what .. (good and "" or ": " .. vim.inspect(found)))
    if not good then failed = failed + 1 end
end

local function wait(what, condition, found)
    holds(what, vim.wait(10000, condition, 20), found and found())
end

local function text() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") end

-- The cursor on the first place of `word` behind `before`.
local function go(before, word)
    vim.fn.cursor(1, 1)
    assert(vim.fn.search("\\V" .. before, "cW") > 0, before)
    assert(vim.fn.search("\\V" .. word, "cW") > 0, word)
end

local function replace(from, to)
    go(from, from)
    vim.cmd("normal! " .. #from .. "x")
    vim.api.nvim_put({ to }, "c", false, true)
end

local function diagnostics() return vim.diagnostic.get(0) end

local function ask(method, params)
    for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params or vim.lsp.util.make_position_params(0, "utf-16"), 10000) or {}) do
        return answer.result, answer.err
    end
end

local function floating()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
        if vim.api.nvim_win_get_config(window).relative ~= "" then
            local shown = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), "\n")
            vim.api.nvim_win_close(window, true)
            return shown
        end
    end
end

local function clients()
    return (vim.lsp.get_clients or vim.lsp.buf_get_clients)(vim.lsp.get_clients and { bufnr = 0 } or 0)
end

local function session()
    vim.cmd("edit enterprise.gcx")
    holds("the file is one of gcx", vim.bo.filetype == "gcx", vim.bo.filetype)
    wait("the client is attached, and the server has begun", function()
        for _, client in pairs(clients()) do return client.initialized or client.server_capabilities end
    end)

    -- What is wrong is shown as it is typed, and mended by the quick fix.
    replace("skill French", "skill Frensh")
    wait("a mistake is shown", function() return #diagnostics() == 1 end, diagnostics)
    local one = diagnostics()[1] or {}
    holds("with its code, place and hint", one.code == "E0412" and one.severity == vim.diagnostic.severity.ERROR and
        (one.message or ""):find("did you mean 'French'?", 1, true) ~= nil and
        vim.api.nvim_buf_get_lines(0, one.lnum, one.lnum + 1, false)[1]:sub(one.col + 1, one.end_col) == "Frensh", one)
    local offered
    vim.ui.select = function(items, _, choose) -- the list of actions: the first one is taken
        offered = items
        choose(items[1], 1)
    end
    go("skill Frensh", "Frensh")
    vim.lsp.buf.code_action()
    wait("the quick fix mends it", function() return not text():find("Frensh") and text():find("skill French") end,
        function() return offered end)
    wait("and nothing is shown any more", function() return #diagnostics() == 0 end, diagnostics)

    -- Completion.
    replace("skill French", "skill F")
    go("skill F]", "F]")
    vim.fn.cursor(0, vim.fn.col(".") + 1)
    local items = ask("textDocument/completion")
    local names = {}
    for _, item in ipairs(items and (items.items or items) or {}) do names[item.label] = true end
    holds("skills are completed", names.French and names.Sales and not names.desk, names)
    vim.cmd("silent undo")
    vim.cmd("silent undo")
    wait("undone", function() return text():find("skill French]", 1, true) ~= nil end, text)

    -- What a name is, where it is declared, where it is used.
    go("if customer?.tier", "customer")
    vim.lsp.buf.hover()
    local shown
    wait("a hover is shown", function()
        shown = shown or floating()
        return shown ~= nil
    end)
    holds("with the type", (shown or ""):find("Customer?", 1, true) ~= nil, shown)
    go("goto desk", "desk")
    vim.lsp.buf.definition()
    wait("a definition is gone to", function() return vim.api.nvim_get_current_line():find("^ *desk:") ~= nil end,
        vim.api.nvim_get_current_line)
    go("skill French", "French")
    vim.lsp.buf.definition()
    wait("also one in another file", function() return vim.fn.expand("%:t") == "site.gcx" end,
        function() return vim.fn.expand("%") end)
    vim.cmd("buffer enterprise.gcx")
    go("let who", "who")
    vim.lsp.buf.references()
    wait("references are listed", function() return #vim.fn.getqflist() == 2 end, vim.fn.getqflist)
    vim.cmd("cclose")
    go("let who", "who")
    local symbols = ask("textDocument/documentSymbol", { textDocument = vim.lsp.util.make_text_document_params() })
    holds("the outline has the strategy", symbols and #symbols > 0 and vim.inspect(symbols):find("enterprise") ~= nil, symbols)
    go("ivr.menu(", "prompt")
    local help = ask("textDocument/signatureHelp")
    holds("a step's parameters are told", help and help.signatures and help.signatures[1].label:find("ivr.menu") ~= nil, help)

    -- What stands around: its uses, folds, colours, types and times, the range that grows, who calls whom, findings.
    local doc = { textDocument = vim.lsp.util.make_text_document_params() }
    local whole = { start = { line = 0, character = 0 }, ["end"] = { line = vim.api.nvim_buf_line_count(0), character = 0 } }
    go("let who", "who")
    local here = vim.lsp.util.make_position_params(0, "utf-16").position
    local marked = ask("textDocument/documentHighlight")
    holds("a name's uses are marked", marked and #marked == 2 and marked[1].kind == 3 and marked[2].kind == 2, marked)
    local folds = ask("textDocument/foldingRange", doc)
    holds("blocks fold", folds and #folds >= 3 and folds[1].startLine < folds[1].endLine, folds)
    local colours = ask("textDocument/semanticTokens/full", doc)
    holds("words have colours", colours and #colours.data > 100 and #colours.data % 5 == 0, colours)
    local beside = ask("textDocument/inlayHint", { textDocument = doc.textDocument, range = whole })
    holds("types and times stand beside", beside and vim.inspect(beside):find(": target", 1, true) ~= nil and
        vim.inspect(beside):find("again from 30s", 1, true) ~= nil, beside)
    local grows = ask("textDocument/selectionRange", { textDocument = doc.textDocument, positions = { here } })
    holds("a selection grows to the strategy", grows and vim.inspect(grows):find("parent") ~= nil, grows)
    holds("a name is found in all files", vim.inspect(ask("workspace/symbol", { query = "overflow" })):find("site.gcx", 1, true) ~= nil)
    go("strategy enterprise", "enterprise")
    local called = ask("textDocument/prepareCallHierarchy")
    local callers = called and called[1] and ask("callHierarchy/incomingCalls", { item = called[1] })
    holds("a strategy is called by its tests", callers and #callers > 3, callers)
    holds("nothing is found when asked", vim.inspect(ask("textDocument/diagnostic", doc)):find("items = {}", 1, true) ~= nil)

    -- A finding of lint is mended, allowed, or mended with all others.
    vim.api.nvim_buf_set_lines(0, 6, 6, false, { "    let unread = 3;" })
    wait("a finding is shown", function() return #diagnostics() == 1 end, diagnostics)
    vim.fn.cursor(7, 9)
    local titles
    vim.ui.select = function(list, _, choose) -- the second action is taken
        titles = vim.inspect(list)
        choose(list[2], 2)
    end
    vim.lsp.buf.code_action()
    wait("it is allowed", function() return text():find("// gcx:allow unused-variable", 1, true) ~= nil end, function() return titles end)
    holds("or mended, or all are", titles and titles:find("Mend: ", 1, true) ~= nil and titles:find("source.fixAll", 1, true) ~= nil, titles)
    wait("and asked why", function() return #diagnostics() == 1 and diagnostics()[1].code == "L0001" end, diagnostics)
    replace("gcx:allow unused-variable", "gcx:allow unused-variable it is tried")
    wait("an allowed one is not shown", function() return #diagnostics() == 0 end, diagnostics)
    vim.api.nvim_buf_set_lines(0, 6, vim.fn.search("let unread"), false, {})
    wait("and all is as before", function() return #diagnostics() == 0 and not text():find("gcx:allow", 1, true) end, diagnostics)

    -- All that has a certain cure is mended at once, by the action that mends all.
    local before_all = text()
    vim.api.nvim_buf_set_lines(0, 6, 6, false, { "    let unread = 3;", "    if not (priority == 1) { priority += 1; }", "    let other = 4;" })
    wait("several are shown", function() return #diagnostics() == 3 end, diagnostics)
    vim.fn.cursor(7, 9)
    vim.ui.select = function(list, _, choose)
        for i, one in ipairs(list) do
            if vim.inspect(one):find("source.fixAll", 1, true) then choose(one, i) end
        end
    end
    vim.lsp.buf.code_action()
    wait("all are mended", function() return text():find("if priority != 1 { priority += 1; }", 1, true) ~= nil and #diagnostics() == 0 end,
        function() return { text(), diagnostics() } end)
    vim.api.nvim_buf_set_lines(0, 6, 7, false, {})
    holds("and nothing else is changed", text() == before_all, text())

    -- A name is changed everywhere.
    go("let who", "who")
    vim.lsp.buf.rename("chosen")
    wait("a name is changed", function() return text():find("let chosen = select") and text():find("route chosen answer") end, text)
    holds("and no other", text():find("who = ") == nil, text())
    wait("the server agrees", function() return #diagnostics() == 0 end, diagnostics)
    go("goto desk", "desk")
    vim.lsp.buf.rename("chosen; x")
    vim.wait(300)
    holds("what is no name is refused", text():find("chosen; x", 1, true) == nil, text())

    -- One style.
    local before = text()
    go("let chosen", "let chosen")
    vim.cmd("normal! i      ")
    holds("it is out of style", text() ~= before)
    if vim.lsp.buf.format then vim.lsp.buf.format({ timeout_ms = 10000 }) else vim.lsp.buf.formatting_sync(nil, 10000) end
    holds("formatting mends it", text() == before, text())

    -- A test is played from the line above it.
    vim.cmd("edit! tests.gcx")
    vim.wait(200)
    local lenses
    wait("tests have a line above them", function()
        vim.lsp.codelens.refresh()
        vim.wait(100)
        lenses = vim.lsp.codelens.get(0)
        return #lenses > 0 and lenses[1].command ~= nil
    end, function() return lenses end)
    local played
    local function tell(_, result) played = result and result.message or vim.inspect(result) end
    vim.lsp.handlers["window/showMessage"] = tell
    vim.fn.cursor(lenses[1].range.start.line + 1, 1)
    vim.lsp.codelens.run()
    wait("and are played from there", function() return played and played:find("ok", 1, true) or played and played:find("pass") end,
        function() return played end)
end

local good, why = xpcall(session, debug.traceback)
if not good then
    failed = failed + 1
    say("FAILED " .. why)
end
vim.fn.writefile(vim.split(table.concat(lines, "\n"), "\n"), "found")
vim.cmd(failed == 0 and "qall!" or "cquit!")

/* tests/language/import_same.js - What a drawing of Composer does, by an evaluator of its own, beside what the strategies
 * do that gcxc import makes of it. Run by import_same.sh with duk, an interpreter of ECMAScript, which computes the
 * drawing's expressions as the source's platform does.
 *
 * The evaluator reads the XML of the drawing and nothing that the importer has made. It has what the field's public
 * manual says of a block, and refuses what that leaves open. It leaves out: `let` and `const`, which duk has not, numbers
 * that duk reads in a way of its own, as 0x1f.8 and those of very many digits in their exponent, speech, databases,
 * statistics, parallel paths, other media than calls, what a switch does with a call after its route, and how long a
 * prompt sounds.
 *
 *     make(SEED, PROJECTS, INPUTS)   writes random drawings and, for each, tests with random inputs
 *     judge(XML, REPORTS, SITES, INPUTS, TIMELINE)   compares, block by block: same, quoted, wrong
 */
"use strict";

/* ---- random drawings ---- */

var draw;
function seeded(seed) {
    /* products of 31 bits do not fit a double: the generator works by halves */
    var s = seed % 2147483647 || 1;
    draw = function (n) {
        s = (16807 * (s % 127773) - 2836 * Math.floor(s / 127773));
        if (s <= 0) s += 2147483647;
        return Math.floor(s / 7) % n;
    };
    for (var i = 0; i < 5; i++) draw(2);
}
function one(list) { return list[draw(list.length)]; }
function chance(percent) { return draw(100) < percent; }
function escaped(text) {
    return String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;")
        .replace(/[\ud800-\udbff][\udc00-\udfff]|[^ -~]/g, function (letter) { return "&#" + code_of(letter) + ";"; });
}
/* duk writes the two halves of a wide character apart: everything that is written is ASCII. */
function code_of(letter) {
    return letter.length < 2 ? letter.charCodeAt(0) : 65536 + (letter.charCodeAt(0) - 55296) * 1024 + letter.charCodeAt(1) - 56320;
}
function letter_of(code) {
    return code < 65536 ? String.fromCharCode(code) : String.fromCharCode(55296 + ((code - 65536) >> 10), 56320 + ((code - 65536) & 1023));
}
function json(value) {
    return JSON.stringify(value).replace(/[^ -~]/g, function (unit) { return "\\u" + ("000" + unit.charCodeAt(0).toString(16)).slice(-4); });
}
/* As gcx writes a text. */
function gcx_text(text) {
    return '"' + text.replace(/[\ud800-\udbff][\udc00-\udfff]|[^ -~]|[\\"{}]/g, function (letter) { return "\\u{" + code_of(letter).toString(16) + "}"; }) + '"';
}
/* A text leaves ECMAScript: half of a character is none. */
function outside(text) {
    return text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, function (letter) { return letter.length < 2 ? "\ufffd" : letter; });
}
function attributes(map) {
    var text = "";
    for (var name in map) if (map[name] !== undefined) text += " " + name + '="' + escaped(map[name]) + '"';
    return text;
}
function element(name, map, inner) { return "<" + name + attributes(map) + (inner ? ">" + inner + "</" + name + ">" : "/>"); }

var words = ["a", "b", "gold", "7", "0", "12", "", "x1"], keys = ["tier", "n", "lang"];
function udata(key) { return "_genesys.ixn.interactions[system.InteractionID].udata." + key; }

/* Texts that are read otherwise in every language: white space of all kinds, numbers in odd forms, letters of other
 * scripts, characters of two halves, what replace() takes for a pattern. Most come as data, too (make_inputs). Not drawn:
 * what duk reads in a way of its own, "-0x10", which is no number, and capitals beyond U+FFFF. */
var whites = [" ", "\t", "\n", "\r", "\x0b", "\x0c", "\xa0", "\u1680", "\u2003", "\u2028", "\u202f", "\u205f", "\u3000", "\ufeff"],
    numbers = ["0x10", "0X1f", "0b11", "0o17", "1e3", "1E-2", "1.5e2", ".5", "5.", "+7", "-7", "Infinity", "-Infinity", "inf", "nan", "1_0",
        "05", "9007199254740993", "123456789012345678", "12345678901234567890", "1e400", "-1e400", "1e-400", "1e", "e1", ".", "+", "0x", "0xg", "1.2.3", "7.0", "-0", "0.1"],
    letters = ["\u0130", "\u212a", "\u00c9", "\u03a3", "\u0391\u03a3", "\u0391\u03a3\u0392", "\u042f", "\u01c5", "\u1e9e", "\u0178", "\uff21"],
    wide = ["\ud83d\ude00", "\ud83d\ude01", "\ud800\udc00", "\uff5e", "\ue000", "\ufffc"], patterns = ["$&", "$$", "$1", "$`", "$'", "$", "a$", "$$&"];
function odd_text() {
    switch (draw(6)) {
    case 0: return one(whites) + one([one(words), one(numbers)]) + one(whites);
    case 1: case 2: return one(numbers);
    case 3: return one(letters) + one(["a", "B", "", one(letters)]);
    case 4: return one(["", "a", "x"]) + one(wide) + one(["", "a", one(wide)]);
    default: return one(["a" + one(whites), one(patterns), one(words) + one(patterns)]);
    }
}
function any_word() { return chance(35) ? odd_text() : one(words); }

/* An expression of one of three kinds, of the variables of the flow. */
function quoted(text) {
    text = text.replace(/[\x0b\x0c\u2028]/g, "\u2003"); /* none may stand in XML, or within quotes */
    return "'" + text.replace(/[\\']/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r") + "'";
}
function a_text(deep) {
    switch (draw(deep > 2 ? 5 : 11)) {
    case 0: case 1: return quoted(any_word());
    case 2: return one(["s1", "s2", "s3"]);
    case 3: return udata(one(keys));
    case 4: return one(["system.ANI", "system.DNIS", "s1"]);
    case 5: return "(" + a_text(deep + 1) + " + " + one([a_text, a_number])(deep + 1) + ")";
    case 6: return one(["s1", "s2", "system.ANI"]) + one([".substring(0, 2)", ".substr(1, 2)", ".slice(-2)", ".charAt(0)",
        ".toLowerCase()", ".replace('a', " + quoted(one(patterns)) + ")", ".substring(n1)", ".trim()", ".slice(1, n1)", ".concat('z')"]);
    case 7: return "_genesys.ixn.getuData('" + one(keys) + "', system.InteractionID)";
    case 8: return one(["String(n1)", "'' + n1", "n1 + s1", "String(s2)", "s3.toString()"]);
    case 9: return "answer" + one([".tier", ".n", "['lang']", ".deep.er"]);
    default: return one(["s1", "s2"]);
    }
}
function a_number(deep) {
    switch (draw(deep > 2 ? 3 : 10)) {
    case 0: return String(draw(12));
    case 1: case 2: return one(["n1", "n2"]);
    case 3: return "(" + a_number(deep + 1) + one([" + ", " - ", " * ", " % "]) + a_number(deep + 1) + ")";
    case 4: return "parseInt(" + a_text(deep + 1) + ")";
    case 5: return "Number(" + a_text(deep + 1) + ")";
    case 6: return one(["s1", "s2", "system.ANI"]) + one([".length", ".indexOf('a')"]);
    case 7: return "Math." + one(["max", "min"]) + "(" + a_number(deep + 1) + ", " + a_number(deep + 1) + ")";
    case 8: return "Math.floor(" + a_number(deep + 1) + " / " + one(["2", "3", "n2"]) + ")";
    default: return one(["-n1", "+s1", "Math.abs(n2)", "n1 - s2", "(0 - n2)", "010", "1.5 * n1"]);
    }
}
function a_truth(deep) {
    if (plain && chance(70)) return a_plain_truth();
    var sign = one(["==", "!=", "===", "!=="]), more = one(["<", ">", "<=", ">="]);
    switch (draw(deep > 2 ? 7 : 12)) {
    case 0: case 1: return a_text(2) + " " + sign + " " + quoted(any_word());
    case 2: return a_number(2) + " " + one([sign, more]) + " " + draw(9);
    case 3: return one(["s1", "s2", "s3", "n1", udata("n"), "answer", "b1", "answer.tier"]) + " " + sign + " " + one(["undefined", "null"]);
    case 4: return one(["b1", "s3", "n2", udata("tier"), "answer.n"]);
    case 5: return a_text(2) + " " + one([sign, more]) + " " + a_number(2);
    case 6: return one(["b1 == true", "b1 == false", "b1 === true", "typeof s3 == 'undefined'", "typeof answer == 'undefined'", "isNaN(s1)"]);
    case 7: return "!(" + a_truth(deep + 1) + ")";
    case 8: return "(" + a_truth(deep + 1) + " && " + a_truth(deep + 1) + ")";
    case 9: return "(" + a_truth(deep + 1) + " || " + a_truth(deep + 1) + ")";
    case 10: return a_text(2) + " " + one([sign, more]) + " " + a_text(2);
    default: return one(["s1", "system.ANI"]) + one([".startsWith('1')", ".indexOf('a') >= 0", ".length > 1"]);
    }
}
/* Most drawings set their variables by what is translated: one that is lost is quoted wherever it is read. */
var plain = true;
function a_plain_text(deep) {
    switch (draw(deep > 1 ? 3 : 7)) {
    case 0: return quoted(any_word());
    case 1: case 2: return one(["s1", "s2", "system.ANI"]);
    case 3: return "(" + a_plain_text(deep + 1) + " + " + one([a_plain_text, a_plain_number])(deep + 1) + ")";
    case 4: return one(["s1", "s2", "system.ANI"]) + one([".substring(0, 2)", ".substr(1, 2)", ".slice(-2)", ".charAt(0)", ".charAt(n1)",
        ".toLowerCase()", ".replace('a', " + one(["'bb'", quoted(one(patterns)), "s1"]) + ")", ".charAt(1)", ".toLowerCase()", ".substring(n1)", ".trim()", ".slice(1, n1)", ".slice(n1)", ".substr(n1, 2)", ".substring(n1, n2)", ".concat('z')"]);
    case 5: return one(["String(n1)", "'' + n1", "n1 + s1", "s2.toString()"]);
    default: return "(" + a_plain_text(deep + 1) + ")";
    }
}
function a_plain_number(deep) {
    switch (draw(deep > 1 ? 3 : 8)) {
    case 0: return String(draw(12));
    case 1: case 2: return one(["n1", "n2"]);
    case 3: return "(" + a_plain_number(deep + 1) + one([" + ", " - ", " * "]) + a_plain_number(deep + 1) + ")";
    case 4: return one(["s1", "s2", "system.ANI"]) + one([".length", ".indexOf('a')"]);
    case 5: return "Math." + one(["max", "min"]) + "(" + a_plain_number(deep + 1) + ", " + a_plain_number(deep + 1) + ")";
    case 6: return one(["Math.floor(" + a_plain_number(deep + 1) + " / 2)", "parseInt(" + a_plain_number(deep + 1) + " / 3)", "(" + a_plain_number(deep + 1) + " % 3)"]);
    default: return one(["-n1", "Math.abs(n2)", "(0 - n2)"]);
    }
}
function a_plain_truth() {
    return one([function () { return a_plain_text(1) + one([" == ", " != ", " === ", " !== "]) + a_plain_text(1); },
        function () { return a_plain_number(1) + one([" == ", " < ", " > ", " <= ", " >= ", " !== "]) + a_plain_number(1); },
        function () { return one(["true", "false", "b1"]); }, function () { return "!(" + a_plain_text(1) + ")"; },
        function () { return "(" + a_plain_truth() + one([" && ", " || "]) + a_plain_truth() + ")"; },
        function () { return one(["answer.tier", "answer.n", "answer.lang"]) + one([" == ", " != ", " === ", " !== "]) + one([quoted(any_word()), "7", "0", "1", "n1", "true", "undefined"]); },
        function () { return one(["answer.n", "answer.lang", "answer.deep.er", "!answer.tier", "answer.n > 1", "answer.lang < 3"]); },
        function () { return udata(one(keys)) + one([" == ", " != ", " === "]) + one([quoted(any_word()), "7", "undefined"]); },
        function () { return udata(one(keys)) + one([" < ", " > "]) + one(["5", "n1", "s1"]); },
        function () { return a_plain_text(1) + one([" < ", " > ", " <= "]) + a_plain_text(1); }])();
}
function a_value(name) {
    if (plain) return name[0] === "s" ? a_plain_text(0) : name[0] === "n" ? a_plain_number(0) : a_plain_truth();
    return name[0] === "s" ? a_text(0) : name[0] === "n" ? a_number(0) : a_truth(1); }
function a_name() { return one(plain ? ["s1", "s2", "n1", "n2", "b1"] : ["s1", "s2", "s3", "n1", "n2", "b1"]); }
function a_statement(deep) {
    var name = a_name();
    if (deep === 0 && chance(20)) return a_scope();
    switch (draw(deep > 1 ? 3 : 8)) {
    case 0: case 1: return name + " = " + a_value(name) + ";\n";
    case 2: return udata(one(keys)) + " = " + one(plain ? [a_plain_text, a_plain_number, a_plain_truth] : [a_text, a_number, a_truth])(1) + ";\n";
    case 3: case 4: return "if (" + a_truth(1) + ") {\n" + a_statement(deep + 1) + "}" + (chance(50) ? " else {\n" + a_statement(deep + 1) + "}" : "") + "\n";
    case 5: return name + " = " + a_truth(2) + " ? " + a_value(name) + " : " + a_value(name) + ";\n";
    case 6: return one(["n1++;\n", "n2 += 2;\n", "s1 += 'c';\n", "__Log('x' + s1);\n", "n1--;\n"]);
    default: return "s1 = " + (plain ? a_plain_text : a_text)(1) + " || " + quoted(any_word()) + ";\n";
    }
}

/* Functions with names of their own, what fails and is caught, objects that become attached data, what is logged. */
function a_scope() {
    var name = a_name(), text = plain ? a_plain_text : a_text, key = one(keys), set = "_genesys.ixn.setuData(m);\n";
    switch (draw(11)) {
    case 0: return "(function () { var s1 = " + quoted(any_word()) + "; " + udata(key) + " = s1 + " + text(1) + "; })();\n";
    case 1: return "(function () { " + name + " = " + a_value(name) + "; })();\n";
    case 2: return "(function () { var " + name + " = " + a_value("n1") + "; n2 = n1; " + a_statement(2) + "})();\n";
    case 3: return "try {\n" + a_statement(1) + "} catch (e) {\n" + a_statement(2) + "}\n";
    case 4: return "try { s1 = " + one([udata("map") + ".key", "answer.deep.er", "s2.length"]) + "; } catch (e) { s1 = 'caught'; }\n";
    case 5: return "var m = {};\nm.tier = " + text(1) + ";\nif (" + a_truth(1) + ") { m." + key + " = " + text(1) + "; }\n" + set;
    case 6: return "var m = {tier: " + text(1) + "};\n" + one(["m = {lang: 'de'};\n", "s1 = " + udata("tier") + ";\n", "s1 = answer.deep.er;\n", ""]) + set + one(["m.tier = 'late';\n", ""]);
    case 7: return "var m = {n: 'x'};\nif (" + a_truth(1) + ") { " + set + "}\n";
    case 8: return "_genesys.ixn.setuData({tier: " + text(1) + ", lang: " + text(1) + "});\n";
    case 9: return chance(30) ? "if (" + a_truth(1) + ") { return; }\n" : name + " = " + a_value(name) + ";\n";
    default: return "__Log(" + one(["_genesys.ixn.setuData({tier: 'z'})", "s1 + n1", "answer.deep.er", "s1.trim()"]) + ");\n";
    }
}

function a_block(kind, name, more) {
    var map = {"xmi:type": "ird:" + kind + "Block", "xmi:id": name, name: name};
    return {kind: kind, name: name, map: map, inner: "", exits: [""], fails: [], more: more};
}
function prompts_of(block, most) {
    for (var i = 0, count = 1 + draw(most); i < count; i++) {
        var text = chance(40);
        block.inner += element("prompts", text ? {value: chance(60) ? "'Hello ' + " + one(["s1", "n1", "system.ANI"]) : "Hello there.", interpretAs: "Text", type: "Value"}
            : {value: "Prompts/" + block.name + i + ".vox", interpretAs: "Audio", type: "Resource"});
    }
}
var groups = ["Sales", "Billing", "Cards"];
function make_block(kind, name, flows) {
    var block = a_block(kind, name), i;
    if (chance(8) && kind !== "Exit" && kind !== "Disconnect" && kind !== "Target") block.map.condition = a_truth(1);
    switch (kind) {
    case "Assign":
        for (i = 0; i < 2; i++) {
            var to = a_name(), other = a_name(), own = other[0] === to[0] && chance(25);
            block.inner += element("assignData", {Key: to, Value: (own ? other + " = " : "") + a_value(to)});
        }
        break;
    case "EcmaScript": block.map.script = a_statement(0) + a_statement(0); break;
    case "Branching":
        block.exits = ["default"];
        for (i = 0; i < 1 + draw(2); i++) {
            block.inner += element("conditions", {name: "c" + i, expression: a_truth(0), postAction: chance(20) ? a_statement(2) : undefined});
            block.exits.push("c" + i);
        }
        break;
    case "UserData":
        block.inner = element("assignData", {}, element("Key", {value: one(keys)}) + element("Value", chance(70) ? {value: one(plain ? [a_plain_text, a_plain_number, function () { return one(["s3", udata("n"), "answer.tier", "b1", "tier"]); }] : [a_text, a_number])(1), Source: "Variable"} : {value: chance(20) ? "" : one(words) + "z"}));
        break;
    case "Prompt": prompts_of(block, 4); break;
    case "Menu":
        block.map.numberOfRetriesAllowed = String(draw(3));
        if (chance(30)) block.map.timeout = "4";
        if (chance(60)) block.map.outputResult = "Variable(s1)";
        block.inner += element("prompts", {value: "Prompts/" + name + ".vox", interpretAs: "Audio", type: "Resource"});
        block.exits = [];
        for (i = 1; i <= 2; i++) {
            block.inner += element("menuOptions", {name: "o" + i, dtmf: String(i), returnValue: "r" + i});
            block.exits.push("o" + i);
        }
        if (chance(30)) block.inner += element("repeatMenuOption", {name: "again", dtmf: "*"});
        block.fails = chance(80) ? ["noinput", "nomatch"] : ["noinput"];
        break;
    case "Input":
        block.map.numberOfRetriesAllowed = String(draw(2));
        block.map.maximumInputDigits = "6";
        if (chance(50)) block.map.minimumInputDigits = "2";
        if (chance(50)) block.map.interDigitTimeout = "2";
        block.map.terminationDigits = "#";
        block.map.outputResult = "Variable(s2)";
        if (chance(40)) block.inner += element("prompts", {value: "'Key ' + s1", interpretAs: "Text", type: "Value"});
        else block.inner += element("prompts", {value: "Prompts/" + name + ".vox", interpretAs: "Audio", type: "Resource"});
        block.fails = ["noinput", "nomatch"];
        break;
    case "PlaySound": block.map.soundType = one(["Music", "RingBack", "Busy"]); block.map.duration = String(2 + draw(5)); block.map.resource = "waiting"; break;
    case "Subdialog":
        block.map.uri = "Callflows/" + one(flows) + ".callflow";
        block.inner = element("parameters", {name: "s1", value: "s2"}) + element("parameters", {name: "s3", value: "s3", type: "output"});
        break;
    case "HTTPRest":
        block.map.uri = "'https://crm.example/" + name + "'";
        block.map.outputResult = "Variable(answer)";
        block.map.requestMethod = "get";
        block.inner = element("inputParameters", {name: "number", value: one(["system.ANI", "s1", "n1"])});
        block.fails = chance(10) ? one([["error.http.404"], ["error.http.404", "error"]]) : chance(70) ? ["error"] : [];
        break;
    case "Target":
        block.map.timeout = chance(80) ? String(5 + draw(20)) : "Variable(n1)";
        block.map.statisticsOrder = "Max";
        block.inner = element("statistic", {value: "StatTimeInReadyState"});
        if (chance(20)) block.map.statisticsOrder = "Percentage";
        for (i = 0; i < 1 + draw(2); i++)
            block.inner += one([function () { return element("targets", {name: one(groups), targetType: "AgentGroup", statServer: "S", threshold: "", weight: block.map.statisticsOrder === "Percentage" ? "50" : undefined}); },
                function () { return element("targets", {name: "?:French > " + (1 + draw(5)) + one(["", "", "", "", " + 1", ".5", "e0", " + Loans"]) + one([" & ", " | ", " and ", " or "]) + "Loans = 2@S.GA", targetType: "Skill"}); },
                function () { return element("targets", {name: "Sales@S.GA", targetType: "AgentGroup"}); }])();
        if (chance(15)) block.inner = element("targets", {name: "where", targetType: "Variable"});
        block.fails = chance(60) ? ["error.queue.submit"] : [];
        block.busy = chance(40);
        if (block.busy) block.map.useTreatments = one(["true", "true", "false"]);
        block.exits = chance(70) ? ["exit"] : [""];
        break;
    case "ForceRoute": block.inner = element("destination", chance(50) ? {value: "7001"} : {value: "s1", Source: "Variable"}); block.exits = ["exit"]; break;
    case "Wait": block.inner = element("timeout", {value: String(chance(3) ? 0 : 1 + draw(9))}); break;
    case "QueueInteraction": block.map.queue = "desk"; block.exits = []; break;
    case "Looping":
        block.map.exitExpression = "n2 > " + (1 + draw(3));
        block.exits = ["Next", "Exit"];
        break;
    case "GoTo": block.map.uri = "#" + name.replace(/_.*/, "_end"); block.exits = []; break;
    case "InteractionData": block.inner = element("values", {name: "tier"}) + element("values", {name: "s3"}); break;
    default: break;
    }
    return renamed(block);
}
/* Some are drawn by the other name of their kind, which has properties of other names. */
function renamed(block) {
    var others = {Prompt: ["PlayMessage"], Input: ["UserInput"], HTTPRest: ["WebRequest"], Disconnect: ["CancelCall", "StopInteraction"], Subdialog: ["PlayApplication", "Subroutine", "SubRoutine"]},
        names = {Input: {maximumInputDigits: "numDigits", interDigitTimeout: "digitTimeout", outputResult: "collectedDigitsVariable"}, HTTPRest: {outputResult: "result"}, Subdialog: {uri: "resource"}};
    if (!others[block.kind] || chance(60)) return block;
    for (var name in names[block.kind] || {}) if (block.map[name] !== undefined) { block.map[names[block.kind][name]] = block.map[name]; delete block.map[name]; }
    block.map["xmi:type"] = "ird:" + one(others[block.kind]) + "Block";
    return block;
}

var usual = ["Assign", "EcmaScript", "EcmaScript", "Branching", "Branching", "UserData", "Prompt", "Menu", "Input", "PlaySound", "HTTPRest", "Wait", "Log", "Assign", "GoTo", "InteractionData"],
    ends = ["Exit", "Disconnect", "Target", "ForceRoute", "QueueInteraction", "DefaultRoute", "Target"];
function link(kind, name, from, to) {
    return element("links", {"xmi:type": "ird:Workflow" + kind + "Link", name: name, fromBlock: from, toBlock: to}) + "\n";
}
function make_flow(name, sort, main, flows) {
    var count = 4 + draw(7), blocks = [], text = "", links = "", i, j;
    var entry = element("blocks", {"xmi:type": "ird:EntryBlock", "xmi:id": "entry", name: "entry", starting: "true"},
        element("variables", {name: "s1", value: one(["'a'", "'gold'", "'12'"]), type: main ? "User" : "Input"}) + element("variables", {name: "s2", value: one(["''", "'b'"])}) +
        element("variables", {name: "s3", value: one(["undefined", "'7'", "null"])}) + element("variables", {name: "n1", value: String(draw(4))}) +
        element("variables", {name: "tier", value: one(["'t'", "undefined"])}) + element("variables", {name: "n2", value: "0"}) + element("variables", {name: "b1", value: one(plain ? ["false", "true"] : ["false", "true", "undefined"])}) +
        element("variables", {name: "answer", value: "undefined"}) + (chance(10) ? element("variables", {name: "empty", value: ""}) : "") + element("variables", {name: "where", value: one(["'Sales@S.GA'", "'marie@S.A'", "'Billing@S.GA,Cards@S.GA'"])}));
    for (i = 0; i < count; i++) {
        var kind = flows.length && chance(20) ? "Subdialog" : one(usual);
        blocks.push(make_block(kind, name + "_" + i, flows));
    }
    if (chance(30)) { /* a loop: its body leads back to it, and counts */
        var at = Math.max(0, count - 4), loop = make_block("Looping", name + "_loop", flows), counts = a_block("Assign", name + "_counts");
        counts.inner = element("assignData", {Key: "n2", Value: "n2 + 1"});
        counts.back = loop.name;
        blocks.splice(at, 0, loop, counts);
    }
    blocks.push(main ? make_block(one(ends), name + "_end", flows) : a_block(chance(70) ? "Exit" : "Disconnect", name + "_end"));
    if (main) blocks.push(make_block(one(["Disconnect", "DefaultRoute", "Exit"]), name + "_other", flows)), blocks.push(a_block("Exit", name + "_exit"));
    for (i = 0; i < blocks.length; i++) {
        var block = blocks[i], later = function () {
            return block.back || blocks[Math.min(blocks.length - (main ? 2 : 1), i + 1 + draw(3))].name;
        };
        text += element("blocks", block.map, block.inner) + "\n";
        if (/Exit|Disconnect|DefaultRoute/.test(block.kind)) continue;
        if (block.busy) { /* sounds that go round, as long as the wait */
            var sound = make_block("PlaySound", block.name + "_hold", flows), beep = make_block("PlaySound", block.name + "_beep", flows), two = chance(50);
            delete sound.map.condition, delete beep.map.condition;
            text += element("blocks", sound.map, sound.inner) + (two ? element("blocks", beep.map, beep.inner) : "") + "\n";
            links += link("Output", "Busy Treatments", block.name, sound.name) + link("Output", "", sound.name, two ? beep.name : block.name);
            if (two) links += link("Output", "", beep.name, block.name);
        }
        for (j = 0; j < block.exits.length; j++) {
            var to = block.exits[j] === "exit" ? name + "_exit" : block.kind === "Looping" ? (j === 0 ? blocks[i + 1].name : blocks[Math.min(i + 2, blocks.length - 1)].name) : later();
            if (block.back) to = block.back;
            links += link("Output", block.exits[j] === "exit" ? "" : block.exits[j], block.name, to);
        }
        for (j = 0; j < block.fails.length; j++) links += link("Exception", block.fails[j], block.name, main || i + 1 < blocks.length ? blocks[Math.min(blocks.length - 1, i + 1 + draw(2))].name : block.name);
    }
    links += link("Output", "", "entry", blocks[0].name);
    if (main && chance(40)) links += link("Exception", chance(10) ? "error.script" : one(["error", "error.*"]), "entry", name + "_other");
    return '<?xml version="1.0"?>\n<XMI xmlns:xmi="x"><' + sort + ' name="' + name + '">\n' + entry + "\n" + text + links + "</" + sort + "></XMI>\n";
}

function make_inputs(number) {
    var has = {};
    for (var i = 0; i < keys.length; i++) if (chance(60)) has[keys[i]] = any_word();
    var agents = [];
    if (chance(60)) agents.push({name: "marie", group: one(groups), skills: {French: draw(8), Loans: draw(4)}});
    if (chance(40)) agents.push({name: "paul", group: one(groups), skills: {French: draw(8)}});
    var menus = [], digits = [], answers = [];
    for (i = 0; i < 3; i++) menus.push(one(["1", "2", "*", null, "9", "1"])), digits.push(one(["1234", "55", null, "123456"]));
    menus.push(one(["1", "2"])), digits.push(one(["42", "777"]));
    for (i = 0; i < 2; i++) answers.push(chance(25) ? null : one([{tier: "gold", n: 7}, {tier: "", n: 0, lang: "a"}, {n: "12"}, {deep: {er: "x1"}}, {tier: null, n: 1.5, lang: true}, {tier: ["gold"], n: 2, lang: {a: 1}}, {tier: false, n: null, deep: {er: -3}}]));
    return {number: number, data: has, agents: agents, menus: menus, digits: digits, answers: answers, ani: one(["12", "+331", "7"]), dnis: "1800"};
}
function value_text(value) {
    if (value === null) return "none";
    if (typeof value !== "object") return JSON.stringify(value);
    if (Array.isArray(value)) return "[" + value.map(value_text).join(", ") + "]";
    var parts = [];
    for (var name in value) parts.push(JSON.stringify(name) + ": " + value_text(value[name]));
    return "[" + parts.join(", ") + "]";
}
function make_test(name, inputs, kinds) {
    var text = 'test "' + name + " " + inputs.number + '" {\n', i;
    for (i = 0; i < inputs.agents.length; i++) {
        var agent = inputs.agents[i], skills = [];
        for (var skill in agent.skills) if (kinds.skills[skill] && agent.skills[skill] > 0) skills.push(skill + ": " + agent.skills[skill]);
        text += "agent " + agent.name + " (" + skills.join(", ") + ")" + (kinds.groups[agent.group] ? " in group " + agent.group : "") + " ready;\n";
    }
    for (i = 0; i < kinds.http.length; i++)
        text += "http." + kinds.http[i] + " -> " + inputs.answers.map(function (a) { return a ? value_text(a) : "fail unavailable"; }).join(", ") + ";\n";
    if (kinds.menu) text += "ivr.menu -> " + inputs.menus.map(function (k) { return k ? '"' + k + '"' : "fail no_input"; }).join(", ") + ";\n";
    if (kinds.digits) text += "ivr.digits -> " + inputs.digits.map(function (k) { return k ? '"' + k + '#"' : "fail no_input"; }).join(", ") + ";\n";
    var pairs = [];
    for (var key in inputs.data) pairs.push(key + ": " + gcx_text(inputs.data[key]));
    return text + "call " + name + ' from "' + inputs.ani + '" to "' + inputs.dnis + '"' + (pairs.length ? " with (" + pairs.join(", ") + ")" : "") + ";\n}\n";
}

/* Expressions alone, a block each: what they make of odd texts that come as data. Nothing that follows depends on one.
 * In px texts are cut to parts, in py they are not: whatever is attached may then have half of a character, and less of it
 * is translated. */
var expressions = 45, expression_inputs = 12, cutting = true;
function a_place(deep) { return one(["0", "1", "2", "3", "99", "n1", "(0 - 1)", "(0 - n1)"].concat(deep < 2 ? [a_read_text(deep + 1) + ".length"] : [])); }
function a_read_text(deep) {
    var text = deep > 1 ? one(["s1", "s2", "s1", "system.ANI", quoted(odd_text())]) : one([function () { return one(["s1", "s2"]); }, function () { return a_read_text(deep + 1); }])();
    switch (draw(deep > 1 ? 2 : cutting ? 9 : 7)) {
    case 0: case 1: return text;
    case 2: return text + ".trim()";
    case 3: return text + ".toLowerCase()";
    case 4: return text + ".replace(" + one(["'a'", "''", quoted(one(wide)), "s2"]) + ", " + one(["'b'", quoted(one(patterns)), quoted("x" + one(patterns) + "y"), "s2"]) + ")";
    case 5: return "(" + text + " + " + one(["'-' + ", ""]) + a_read_text(deep + 1) + ")";
    case 7: return text + ".charAt(" + a_place(deep) + ")";
    case 8: return text + one([".substring(", ".slice(", ".substr("]) + a_place(deep) + (chance(60) ? ", " + a_place(deep) : "") + ")";
    default: return one(["String(" + text + ")", text + ".toString()", text + ".concat(" + one(["'a'", "s2"]) + ")"]);
    }
}
function a_read_number() {
    return one([String(draw(20)), "16", "1000", "3", "0.1", "n1", "Number(" + a_read_text(1) + ")", "parseInt(" + a_read_text(1) + ")", a_read_text(0) + ".length",
        a_read_text(0) + ".indexOf(" + one(["'a'", "''", "s2", quoted(one(wide))]) + ")"]);
}
function a_reading() {
    var equal = one([" == ", " != ", " === ", " !== "]), less = one([" < ", " > ", " <= ", " >= "]);
    return one([function () { return a_read_text(0); }, function () { return a_read_text(0); }, function () { return a_read_text(0) + ".length"; },
        function () { return a_read_text(0) + ".indexOf(" + a_read_text(1) + ")"; }, function () { return a_read_text(1) + one([equal, less]) + a_read_number(); },
        function () { return a_read_number() + one([equal, less]) + a_read_number(); }, function () { return a_read_text(0) + equal + one([a_read_text(0), quoted(any_word())]); },
        function () { return a_read_text(1) + less + a_read_text(1); }, function () { return "isNaN(" + a_read_text(1) + ")"; }, function () { return "!(" + a_read_text(1) + ")"; },
        function () { return a_read_text(0) + one([".startsWith(", ".endsWith(", ".includes("]) + one(["'a'", "''", "s2", quoted(one(wide))]) + ")"; }])();
}
function a_case() { return one([function () { return quoted(any_word()); }, a_read_number, function () { return String(draw(4)); }, function () { return "'" + draw(4) + "'"; }])(); }
function a_switch(to) {
    return "switch (" + one([a_read_text(1), a_read_number(), a_read_text(1) + ".length"]) + ") { case " + a_case() + ": " + to + " = 'a'; break; case " + a_case() + ": case " + a_case() +
        ": " + to + " = 'b'; break; default: " + to + " = 'c'; }";
}
function make_expressions(name) {
    cutting = name === "px";
    var text = "", links = "", before = "e", inputs = [], i;
    function block(kind, name, map, inner) {
        map["xmi:type"] = "ird:" + kind + "Block", map["xmi:id"] = map.name = name;
        text += element("blocks", map, inner) + "\n";
        if (before !== name) links += link("Output", "", before, name);
        before = name;
    }
    block("Entry", "e", {}, element("variables", {name: "s1", value: "''"}) + element("variables", {name: "s2", value: "''"}) + element("variables", {name: "n1", value: String(draw(4))}));
    block("EcmaScript", "first", {script: "s1 = '' + " + udata("tier") + "; s2 = String(" + udata("lang") + ");"});
    for (i = 0; i < expressions; i++) {
        if (i % 5 === 0) block("Wait", "w" + i, {}, element("timeout", {value: "1"}));
        block("EcmaScript", "k" + i, {script: chance(8) ? a_switch(udata("k" + i)) : udata("k" + i) + " = " + a_reading() + ";"});
    }
    block("Disconnect", "d", {});
    for (i = 0; i < expression_inputs; i++) {
        inputs.push(make_inputs(i));
        inputs[i].data = {tier: odd_text(), lang: any_word()};
        inputs[i].agents = [];
    }
    print("@" + name + '.workflow\n<XMI xmlns:xmi="x"><StrategyDiagram name="' + name + '">\n' + text + links + "</StrategyDiagram></XMI>");
    print("@" + name + ".json\n" + json(inputs));
}

/* Writes lines `@FILE` and, beneath each, the file. */
function make(seed, projects, inputs) {
    seeded(seed);
    for (var p = 0; p < projects; p++) {
        plain = chance(75);
        var name = "p" + p, all = [], subs = chance(60) ? [name + "sub"] : [];
        print("@" + name + ".workflow\n" + make_flow(name, "StrategyDiagram", true, subs));
        if (subs.length) print("@" + name + "sub.callflow\n" + make_flow(name + "sub", "CallflowDiagram", false, []));
        for (var i = 0; i < inputs; i++) all.push(make_inputs(i));
        print("@" + name + ".json\n" + json(all));
    }
    make_expressions("px");
    make_expressions("py");
}

/* ---- the evaluator ---- */

function xml_tree(text) {
    var root = {name: "", map: {}, children: []}, open = [root], part,
        pattern = /<\?[^>]*>|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+="[^"]*")*)\s*(\/?)>|[^<]+/g;
    function decoded(value) {
        return value.replace(/&(#?\w+);/g, function (whole, name) {
            var known = {lt: "<", gt: ">", amp: "&", quot: '"', apos: "'"};
            return known[name] || letter_of(parseInt(name.slice(1), 10));
        });
    }
    while ((part = pattern.exec(text))) {
        if (!part[2]) continue;
        if (part[1]) { open.pop(); continue; }
        var element = {name: part[2].replace(/^.*:/, ""), map: {}, children: []}, attribute, of = /([\w:.-]+)="([^"]*)"/g;
        while ((attribute = of.exec(part[3])))
            element.map[/^x[ms]i:type$/.test(attribute[1]) ? "is" : attribute[1].replace(/^.*:/, "")] = decoded(attribute[2]);
        open[open.length - 1].children.push(element);
        if (!part[4]) open.push(element);
    }
    return root;
}
function flow_of(text, file) {
    var model = xml_tree(text).children[0].children[0], flow = {blocks: {}, file: file, callflow: /Callflow/.test(model.name)};
    model.children.forEach(function (child) {
        if (child.name === "blocks") {
            child.kind = child.map.is.replace(/^.*:/, "").replace(/Block$/, "");
            child.ways = [], flow.blocks[child.map.id] = child;
            if (child.kind === "Entry") flow.entry = child;
        }
        if (child.name === "links")
            flow.blocks[child.map.fromBlock].ways.push({name: child.map.name || "", fails: /Exception/.test(child.map.is), to: child.map.toBlock});
    });
    return flow;
}
function parts(block, name) { return block.children.filter(function (child) { return child.name === name; }); }
function property(block, name) {
    var child = parts(block, name)[0], value = child ? child.map.value : block.map[name], variable = /^Variable\((.*)\)$/.exec(value || "");
    return {value: variable ? variable[1] : value, expression: !!variable || !!(child && child.map.Source === "Variable")};
}

function Unsupported(why) { this.why = why; }
function Raised(event) { this.event = event; }
function Ended(how) { this.how = how; }

/* One call: its effects, one line each, and the blocks that it came by. */
function Call(flows, inputs) {
    var call = this;
    this.effects = [], this.came = [], this.flows = flows, this.inputs = inputs;
    this.data = {}, this.menus = 0, this.digits = 0, this.asked = {}, this.chosen = null;
    for (var key in inputs.data) this.data[key] = inputs.data[key];
    this.platform = {
        system: {ANI: inputs.ani, DNIS: inputs.dnis, InteractionID: "i"},
        _genesys: {ixn: {interactions: {i: {udata: this.data}}, getuData: function (key) { return call.data[key]; },
            setuData: function (map) { for (var key in map) call.data[key] = map[key]; }}},
        __Log: function () { return undefined; }
    };
}
Call.prototype.compute = function (env, text) {
    this.look(env, text);
    try {
        return new Function("platform", "env", "with (platform) { with (env) { return (" + text + "\n); } }")(this.platform, env);
    } catch (error) { throw raised(error); }
};
/* duk takes 0x1f.8 and -0b1 for numbers, which are none: where a text may become one nothing is compared. */
function duk_misreads(script, values) {
    return /0[xob]/i.test(script + JSON.stringify(values)) && /\+|concat|replace/.test(script) && /[=!]=|[<>]|Number|isNaN/.test(script);
}
Call.prototype.look = function (env, text) {
    if (!/^p[xy]\./.test(this.flow.file) && duk_misreads(text, [env, this.data])) throw new Unsupported("what duk reads in its own way");
};
/* duk refuses to read a number with very many digits in its exponent, and another reader does not. */
function raised(error) { return /exponent/.test(error.message) ? new Unsupported("what duk does not read") : new Raised("error.script"); }
Call.prototype.act = function (env, text) {
    this.look(env, text);
    try { /* a script is no function: it has no return */
        new Function("platform", "env", "text", "eval('with (platform) { with (env) { ' + text + '\\n} }');")(this.platform, env, text);
    } catch (error) { throw raised(error); }
};
Call.prototype.tell = function (text) {
    var last = this.effects[this.effects.length - 1], idle = /^idle (\d+)s$/;
    if (idle.test(text) && idle.test(last || "")) this.effects[this.effects.length - 1] = "idle " + (Number(idle.exec(text)[1]) + Number(idle.exec(last)[1])) + "s";
    else this.effects.push(text);
};

function way(block, name) {
    for (var i = 0; i < block.ways.length; i++) if (!block.ways[i].fails && block.ways[i].name === name) return block.ways[i].to;
    for (i = 0; i < block.ways.length && name === ""; i++) if (!block.ways[i].fails) return block.ways[i].to;
    return null;
}
function way_failed(block, event) {
    for (var i = 0; i < block.ways.length; i++)
        if (block.ways[i].fails && event.indexOf(block.ways[i].name.replace(/\.\*$/, "")) === 0) return block.ways[i].to;
    return null;
}
function sounds(call, env, block) {
    var told = [], files = [];
    function flush() { if (files.length) told.push("[" + files.join(" ") + "]"); files = []; }
    parts(block, "prompts").forEach(function (prompt) {
        if (prompt.map.interpretAs === "Text") {
            flush();
            var words = /^[\w .,!?-]*$/.test(prompt.map.value) && / /.test(prompt.map.value);
            told.push("say " + (words ? prompt.map.value : call.compute(env, prompt.map.value)));
        } else files.push(prompt.map.value.replace(/^.*\//, ""));
    });
    flush();
    return told;
}
/* An expression of skills: the left one of & and | binds first. What stands beside a sign is reckoned. */
function skilled(agent, text) {
    var items = text.split(/([&|]|\band\b|\bor\b)/), holds = null, join = null;
    function level(side) { return eval(side.replace(/\b[A-Z]\w*/g, function (name) { return agent.skills[name] || 0; })); }
    items.forEach(function (item) {
        if (/^(&|\||and|or)$/.test(item)) { join = item; return; }
        var part = /^(.*)(>|=)(.*)$/.exec(item), is = part[2] === ">" ? level(part[1]) > level(part[3]) : level(part[1]) === level(part[3]);
        holds = holds === null ? is : join === "&" || join === "and" ? holds && is : holds || is;
    });
    return holds;
}
function takes(agent, text) {
    return text.split(",").some(function (target) {
        var skills = /^\?:(.*)@/.exec(target), named = /^([^@]*)(?:@[^.]*\.(\w+))?$/.exec(target);
        if (skills) return skilled(agent, skills[1]);
        return named[2] === "A" ? agent.name === named[1] : agent.group === named[1];
    });
}

/* Treatments beside a wait, over and over until it ends. */
function this_busy(call, env, block, seconds) {
    var flow = call.flow, begin = way(block, "Busy Treatments"), at = begin, time = 0;
    if (begin === null || block.map.useTreatments === "false") return;
    for (var rounds = 0; time < seconds && rounds < 100; rounds++) {
        var treatment = flow.blocks[at];
        if (treatment.kind !== "PlaySound") throw new Unsupported("treatments that are no sounds");
        call.came.push(flow.file + ":" + treatment.map.name);
        blocks.PlaySound(call, env, treatment);
        time += Number(treatment.map.duration);
        at = way(treatment, "");
        if (at === block.map.id) at = begin;
    }
}

var blocks = {
    Entry: function (call, env, block) { return ""; },
    Log: function () { return ""; },
    Assign: function (call, env, block) {
        parts(block, "assignData").forEach(function (item) { env[item.map.Key] = call.compute(env, item.map.Value); });
        return "";
    },
    EcmaScript: function (call, env, block) { call.act(env, block.map.script); return ""; },
    Branching: function (call, env, block) {
        var conditions = parts(block, "conditions");
        for (var i = 0; i < conditions.length; i++)
            if (call.compute(env, conditions[i].map.expression)) {
                if (conditions[i].map.postAction) call.act(env, conditions[i].map.postAction);
                return conditions[i].map.name;
            }
        return "default";
    },
    Looping: function (call, env, block) {
        if (block.map.counterVariable || parts(block, "counterVariable").length) throw new Unsupported("how often it counts");
        return call.compute(env, block.map.exitExpression) ? "Exit" : "Next";
    },
    UserData: function (call, env, block) {
        parts(block, "assignData").forEach(function (item) {
            var what = property(item, "Value");
            call.data[property(item, "Key").value] = what.expression ? call.compute(env, what.value) : what.value;
        });
        return "";
    },
    Prompt: function (call, env, block) {
        sounds(call, env, block).forEach(function (told) { call.tell(/^say /.test(told) ? told : "play " + told); });
        return "";
    },
    PlaySound: function (call, env, block) {
        var tones = {RingBack: "RingBack", Busy: "Busy", FastBusy: "FastBusy", Silence: "Silence"}, type = block.map.soundType;
        call.tell((tones[type] || "Music [" + block.map.resource + "]") + " " + block.map.duration + "s");
        return "";
    },
    Menu: function (call, env, block) {
        var options = parts(block, "menuOptions").concat(parts(block, "repeatMenuOption")), prompt = sounds(call, env, block).join(" ");
        var last = "noinput";
        for (var left = 1 + Number(block.map.numberOfRetriesAllowed || 0); left > 0; left--) {
            var key = call.inputs.menus[Math.min(call.menus++, call.inputs.menus.length - 1)];
            call.tell("menu " + prompt + " keys " + options.map(function (o) { return o.map.dtmf; }).sort().join(""));
            var option = options.filter(function (o) { return o.map.dtmf === key; })[0];
            if (option && option.name === "repeatMenuOption") return {again: true};
            if (option) {
                var result = property(block, "outputResult");
                if (result.value) env[result.value] = option.map.returnValue || option.map.name;
                return option.map.name;
            }
            last = key === null ? "noinput" : "nomatch";
        }
        throw new Raised(last);
    },
    Input: function (call, env, block) {
        var prompt = sounds(call, env, block).join(" "), gap = block.map.interDigitTimeout || block.map.digitTimeout;
        for (var left = 1 + Number(block.map.numberOfRetriesAllowed || 0); left > 0; left--) {
            var digits = call.inputs.digits[Math.min(call.digits++, call.inputs.digits.length - 1)];
            call.tell("digits " + prompt + " " + (block.map.minimumInputDigits || "") + ".." + (block.map.maximumInputDigits || block.map.numDigits) + " end #" + (gap ? " gap " + gap : ""));
            if (digits !== null) { env[property(block, block.map.collectedDigitsVariable ? "collectedDigitsVariable" : "outputResult").value] = digits; return ""; }
        }
        throw new Raised("noinput");
    },
    Subdialog: function (call, env, block) {
        var flow = call.flows[(block.map.uri || block.map.resource).replace(/^.*\//, "")], given = {}, inner;
        parts(block, "parameters").forEach(function (item) {
            if (item.map.type !== "output") given[item.map.name] = call.compute(env, item.map.value);
        });
        inner = call.play(flow, given, false);
        parts(block, "parameters").forEach(function (item) { if (item.map.type === "output") env[item.map.value] = inner[item.map.name]; });
        return "";
    },
    HTTPRest: function (call, env, block) {
        var at = call.asked[block.map.name] || 0, answer = call.inputs.answers[Math.min(at, call.inputs.answers.length - 1)], given = "";
        call.asked[block.map.name] = at + 1;
        parts(block, "inputParameters").forEach(function (item) { given += " " + item.map.name + "=" + call.compute(env, item.map.value); });
        call.tell("http " + block.map.name + given);
        if (!answer) throw new Raised("error.http");
        env[property(block, block.map.result ? "result" : "outputResult").value] = JSON.parse(JSON.stringify(answer));
        return "";
    },
    Target: function (call, env, block) {
        if (block.map.statisticsOrder === "Percentage") throw new Unsupported("shares that are drawn");
        var texts = parts(block, "targets").map(function (target) {
            return target.map.targetType === "Variable" ? call.compute(env, target.map.name) : target.map.name;
        }), time = property(block, "timeout"), seconds = time.expression ? call.compute(env, time.value) : time.value;
        var who = call.inputs.agents.filter(function (agent) { return texts.some(function (text) { return takes(agent, text); }); });
        if (who.length) throw new Ended("agent " + who.map(function (agent) { return agent.name; }).join("|"));
        if (!(Number(seconds) > 0)) throw new Unsupported("a wait of no time");
        this_busy(call, env, block, Number(seconds));
        call.tell("nobody " + seconds + "s");
        throw new Raised("error.queue.submit");
    },
    ForceRoute: function (call, env, block) {
        var to = property(block, "destination"), number = to.expression ? call.compute(env, to.value) : to.value;
        if (number !== "7001" || call.inputs.agents.length === 0) throw new Unsupported("a number that the directory does not have");
        throw new Ended("dn 7001");
    },
    QueueInteraction: function (call, env, block) { throw new Ended("queue " + block.map.queue); },
    DefaultRoute: function () { throw new Ended("default"); },
    Wait: function (call, env, block) { call.tell("idle " + property(block, "timeout").value + "s"); return ""; },
    Disconnect: function (call, env, block) { throw new Ended("hung up"); },
    Exit: function () { return {exit: true}; }
};

/* Names of the other palette, of older releases. */
blocks.CancelCall = blocks.Disconnect;
blocks.StopInteraction = blocks.Disconnect;
blocks.PlayMessage = blocks.Prompt;
blocks.PlayApplication = blocks.Subdialog;
blocks.Subroutine = blocks.Subdialog;
blocks.SubRoutine = blocks.Subdialog;
blocks.UserInput = blocks.Input;
blocks.WebRequest = blocks.HTTPRest;
blocks.InteractionData = function (call, env, block) {
    parts(block, "values").forEach(function (item) { env[item.map.name] = call.data[item.map.name]; });
    return "";
};
blocks.GoTo = function (call, env, block) { return {to: block.map.uri.slice(1)}; };

Call.prototype.play = function (flow, given, main) {
    var env = {}, call = this, block = flow.entry;
    this.flow = flow;
    parts(block, "variables").forEach(function (variable) {
        env[variable.map.name] = variable.map.value === "" ? undefined : call.compute(env, variable.map.value);
        if (variable.map.type === "Input" && variable.map.name in given) env[variable.map.name] = given[variable.map.name];
    });
    for (var steps = 0; block; steps++) {
        this.flow = flow;
        if (steps > 200) throw new Unsupported("it goes round and round");
        var to;
        this.came.push(flow.file + ":" + block.map.name);
        try {
            if (!blocks[block.kind]) throw new Unsupported(block.kind);
            var goes = block.map.condition && !call.compute(env, block.map.condition) ? "" : blocks[block.kind](this, env, block);
            if (goes.exit && main) throw new Ended(flow.callflow ? "hung up" : "default");
            if (goes.exit) return env;
            to = goes.again ? block.map.id : goes.to ? goes.to : way(block, goes);
            if (to === null && goes === "default") throw new Unsupported("an exit that is not drawn");
            if (to === null) throw new Unsupported("an exit that is not drawn");
        } catch (raised) {
            if (!(raised instanceof Raised)) throw raised;
            to = way_failed(block, raised.event);
            if (to === null && /^no(input|match)$/.test(raised.event)) throw new Unsupported("what follows silence");
            if (to === null) { /* the flow's own handler, as far as it ends the call */
                var handler = main ? way_failed(flow.entry, raised.event) : null;
                if (!main) throw new Unsupported("an error within a flow that is played");
                if (handler === null) throw new Ended("default");
                to = handler;
            }
        }
        block = flow.blocks[to];
    }
    throw new Unsupported("it leads nowhere");
};

function evaluated(flows, name, inputs) {
    var call = new Call(flows, inputs), end = "?", why = "", keys_of = [];
    try { call.play(flows[name + ".workflow"], {}, true); } catch (stop) {
        if (stop instanceof Ended) end = stop.how;
        else if (stop instanceof Unsupported) why = stop.why;
        else throw stop;
    }
    for (var key in call.data)
        if (call.data[key] !== undefined && call.data[key] !== null && !(typeof call.data[key] === "number" && isNaN(call.data[key])))
            keys_of.push(key + "=" + call.data[key]);
    return {effects: call.effects.map(outside), end: end, why: why, came: call.came, data: outside(keys_of.sort().join(" ")), values: call.data};
}

/* ---- what gcx did ---- */

function shown_text(text) {
    return text.replace(/^"|"$/g, "").replace(/\\u\{([0-9a-f]+)\}|\\(.)/g, function (whole, code, letter) {
        return code ? letter_of(parseInt(code, 16)) : letter === "n" ? "\n" : letter === "t" ? "\t" : letter;
    });
}
function pairs_of(text) {
    var map = {}, part, of = /("(?:[^"\\]|\\.)*"|[\w.]+)=("(?:[^"\\]|\\.)*"|\{[^}]*\}|[^,}]*)/g;
    while ((part = of.exec(text))) map[shown_text(part[1])] = part[2][0] === '"' ? shown_text(part[2]) : part[2];
    return map;
}
function played(lines, recordings) {
    var effects = [], end = "?", data = {}, idle = 0, busy = false, select = null;
    function sounds_of(params) { return params.prompt !== undefined ? "[" + (recordings[params.prompt] || "") + "]" : "say " + params.text; }
    lines.forEach(function (line) {
        var at = /^\s*(\d+\.\d+)s\s+\d*\s*(\w+)\s+(.*)$/.exec(line);
        if (!at) return;
        var time = Number(at[1]), text = at[3], part;
        if (/^EventCallCreated/.test(text)) { idle = time; part = /data=\{(.*)\}/.exec(text); data = part ? pairs_of(part[1]) : {}; }
        if (/^EventTreatmentEnd|^EventDone|^EventError/.test(text)) idle = time;
        if (/^Request|^HttpRequest|^RouteDefault|^Select/.test(text)) {
            if (select === null && time - idle > 0.5) effects.push("idle " + Math.round(time - idle) + "s");
            idle = time;
        }
        if ((part = /^EventAttachedDataChanged.*changed=\{(.*)\} by=/.exec(text))) data = pairs_of(part[1]);
        if ((part = /^Select in .*nobody is taken/.exec(text))) select = time;
        if (/fails: timeout$/.test(text) && select !== null) { effects.push("nobody " + Math.round(time - select) + "s"); select = null; idle = time; }
        if ((part = /^HttpRequest.* endpoint=(\w+) .*args=(\{.*?\}) statement/.exec(text))) {
            var args = pairs_of(part[2].slice(1, -1)), given = "";
            for (var name in args) given += " " + name + "=" + args[name];
            effects.push("http " + part[1] + given);
        }
        if ((part = /^RequestApplyTreatment.* type=(\w+) params=\{(.*)\}$/.exec(text))) {
            var type = part[1], params = pairs_of(part[2]);
            if (type === "PlayAnnouncement") effects.push("play " + sounds_of(params));
            else if (type === "Say") effects.push("say " + params.text);
            else if (params.keys !== undefined) effects.push("menu " + sounds_of(params) + " keys " + params.keys.split("").sort().join(""));
            else if (params.max !== undefined && params.end !== undefined)
                effects.push("digits " + sounds_of(params) + " " + (params.min || "") + ".." + params.max + " end " + params.end + (params.gap ? " gap " + params.gap / 1000000 : ""));
            else if (type === "Music") effects.push("Music [" + (recordings[params.prompt] || "") + "] " + params.duration_us / 1000000 + "s");
            else effects.push(type + " " + params.duration_us / 1000000 + "s");
        }
        if (/^RequestCallControl.* op=disconnect/.test(text)) end = "hung up";
        if (/^RouteDefault/.test(text)) end = "default";
        if ((part = /^RequestRouteCall.* dest=(\S+)/.exec(text))) end = "dest " + part[1];
        if ((part = /^EventRinging.* agent=(\w+)/.exec(text)) && end === "dest 7001" | /dest 70/.test(end)) end = "agent " + part[1];
    });
    var pairs = [];
    for (var key in data) pairs.push(key + "=" + data[key]);
    return {effects: effects, end: end, data: pairs.sort().join(" "), values: data};
}
function same_end(want, have) {
    var agents = /^agent (.*)$/.exec(want);
    if (agents) return agents[1].split("|").indexOf(have.replace("agent ", "")) >= 0;
    if (want === "dn 7001") return have === "dest 7001" || /^agent /.test(have);
    if (/^queue /.test(want)) return /^dest 5/.test(have);
    return want === have;
}

/* Remarks that say what is to be placed or declared, and not that something is left out. */
var placed = [/^the recordings of prompt .* are to be placed$/, /^declare the groups, agents and skills/, /^declare the virtual queues/,
    /^the default destination is that of/, /^the directory must have the DN/, /^the status of every good answer/, /^not translated: timeout=\d+, the time for a key/];
function telling(remark) {
    return remark.split("; ").some(function (part) { return part && !placed.some(function (known) { return known.test(part); }); });
}

/* Each argument has a name's text: XML by file, report and site by project, inputs by project, and the whole timeline. */
function judge(xml, reports, sites, inputs, timeline, verbose) {
    var flows = {}, told = {}, tests = {}, counts = {same: 0, quoted: 0, wrong: 0, open: 0}, seen = {}, wrong = 0, name,
        of_expressions = {same: 0, quoted: 0, wrong: 0};
    for (name in xml) flows[name] = flow_of(xml[name], name);
    for (name in reports)
        reports[name].split("\n").forEach(function (line) {
            var part = /^([^:]+):\d+: (.*?) \(\S+\): (translated|with a remark|not translated|not reached)(?:: (.*))?$/.exec(line);
            if (part) told[part[1].replace(/^.*\//, "") + ":" + part[2]] = part[3] === "translated" ? false : part[3] !== "with a remark" || telling(part[4] || "");
        });
    var at = null;
    timeline.split("\n").forEach(function (line) {
        var part = /^(?:ok|FAILED)\s+(p\w+ \d+) \(/.exec(line);
        if (part) tests[part[1]] = at = [];
        else if (/^(ok|FAILED)\s/.test(line)) at = null;
        else if (at) at.push(line);
    });
    for (name in inputs) {
        var recordings = {}, doc = "";
        sites[name].split("\n").forEach(function (line) {
            var part = /^\s*\/\/\/ (.*)$/.exec(line), prompt = /^\s*prompt "?([^";]*)"?;$/.exec(line);
            if (part) doc = part[1];
            else { if (prompt) recordings[prompt[1]] = doc.replace(/, /g, " "); doc = ""; }
        });
        inputs[name].forEach(function (input) {
            var want = evaluated(flows, name, input), have = tests[name + " " + input.number], verdict;
            if (name === "px" || name === "py") {
                var values = have ? played(have, recordings).values : {};
                for (var i = 0; i < expressions; i++) {
                    var key = "k" + i, right = outside(String(want.values[key]));
                    verdict = told[name + ".workflow:" + key] !== false || (want.why && !(key in want.values)) || duk_misreads(flows[name + ".workflow"].blocks[key].map.script, [input.data]) ? "quoted" : values[key] === right ? "same" : "wrong";
                    of_expressions[verdict]++;
                    if (verdict === "wrong" && wrong++ < verbose)
                        print("FAILED " + flows[name + ".workflow"].blocks[key].map.script + "\n  of " + json(input.data) + "\n  the drawing: " + json(right) + "\n  the strategy: " + json(values[key]));
                }
                return;
            }
            if (want.why) verdict = "open";
            else if (want.came.some(function (block) { return told[block] !== false; })) verdict = "quoted";
            else if (!have) verdict = "wrong", have = [];
            else {
                var did = played(have, recordings);
                verdict = did.effects.join("\n") === want.effects.join("\n") && same_end(want.end, did.end) && did.data === want.data ? "same" : "wrong";
                if (verdict === "wrong" && wrong++ < verbose)
                    print("FAILED " + name + " " + input.number + " by " + want.came.join(" ") + "\n  the drawing: " + want.effects.join(", ") + ", " + want.end + ", data " + want.data +
                        "\n  the strategy: " + did.effects.join(", ") + ", " + did.end + ", data " + did.data);
            }
            if (verdict === "quoted" && verbose > 99) print("quoted " + want.came.filter(function (block) { return told[block] !== false; }).join(" "));
            if (verdict === "open" && verbose > 99) print("open " + want.why);
            counts[verdict]++;
            want.came.forEach(function (block) {
                var is = told[block] !== false ? "quoted" : verdict;
                if (!seen[block] || is === "wrong" || (is === "same" && seen[block] !== "wrong")) seen[block] = is;
            });
        });
    }
    var of_blocks = {same: 0, quoted: 0, wrong: 0, open: 0};
    for (name in seen) of_blocks[seen[name]]++;
    print("expressions: " + of_expressions.same + " the same, " + of_expressions.quoted + " quoted, " + of_expressions.wrong + " wrong");
    print("calls: " + counts.same + " the same, " + counts.quoted + " came by what is quoted, " + counts.wrong + " wrong, " + counts.open + " open in the source's manual");
    print("blocks: " + of_blocks.same + " the same, " + of_blocks.quoted + " quoted, " + of_blocks.wrong + " wrong, " + of_blocks.open + " behind what is quoted or open");
}

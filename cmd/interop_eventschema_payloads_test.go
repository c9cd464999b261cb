package cmd

// payloadCase is a channel of testdata/interop/events.mjs with payloads to judge.
type payloadCase struct {
	channel  string
	payloads []string
}

// schemaPayloads returns what both sides must judge alike, some of each kind that is accepted
// and some that is refused.
func schemaPayloads() []payloadCase {
	return append(textPayloads(), append(numberPayloads(), shapePayloads()...)...)
}

func textPayloads() []payloadCase {
	return []payloadCase{
		{"text:plain", []string{`"x"`, `""`, `1`, `null`, `["x"]`, `{}`, `true`}},
		{"text:length", []string{`"ab"`, `"a"`, `"abcd"`, `"abcde"`, `"😀😀"`, `"😀"`, `"😀😀😀😀😀"`, `"éé"`}},
		{"text:exact", []string{`"abc"`, `"ab"`, `"a\u0301b"`, `"a\u0301bc"`}},
		{"text:email", []string{
			`"ada@example.com"`, `"a@b"`, `".a@b.de"`, `"a..b@c.de"`, `"a.b+c@d-e.org"`, `"\"a b\"@c.de"`,
			`"ü@c.de"`, `" a@b.de"`, `"a@b.de\n"`, `"A_B@C.DE"`, `"a'b@c.de"`,
		}},
		{"text:uuid", []string{
			`"123e4567-e89b-42d3-a456-426614174000"`, `"00000000-0000-0000-0000-000000000000"`,
			`"ffffffff-ffff-ffff-ffff-ffffffffffff"`, `"123e4567-e89b-92d3-a456-426614174000"`,
			`"123E4567-E89B-12D3-A456-426614174000"`, `"123e4567e89b42d3a456426614174000"`,
		}},
		{"text:guid", []string{`"123e4567-e89b-92d3-c456-426614174000"`, `"x"`}},
		{"text:datetime", []string{
			`"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05.678901Z"`, `"2026-01-02T03:04Z"`,
			`"2026-01-02T03:04:05+01:00"`, `"2026-02-29T00:00:00Z"`, `"2024-02-29T00:00:00Z"`,
			`"2026-01-02T03:04:60Z"`, `"2026-01-02t03:04:05z"`, `"2026-01-02T24:00:00Z"`,
		}},
		{"text:offset", []string{
			`"2026-01-02T03:04:05+01:00"`, `"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05+0100"`,
			`"2026-01-02T03:04:05+24:00"`,
		}},
		{"text:local", []string{`"2026-01-02T03:04:05"`, `"2026-01-02T03:04"`, `"2026-01-02 03:04"`}},
		{"text:date", []string{`"2026-01-31"`, `"2026-02-30"`, `"2026-1-1"`, `"0000-01-01"`}},
		{"text:time", []string{`"03:04:05"`, `"03:04"`, `"3:04"`, `"24:00:00"`, `"03:04:05.6"`}},
		{"text:duration", []string{`"P1D"`, `"PT1H2M3.5S"`, `"P"`, `"PT"`, `"P1W"`, `"P1W2D"`,
			`"P1Y2M3DT4H"`, `"1D"`}},
		{"text:emoji", []string{`"🙂"`, `"👍🏽👨‍👩‍👧"`, `"🇩🇪"`, `"a"`, `"1"`, `"1️⃣"`, `""`, `"❤️"`, `"🙂a"`}},
		{"text:hostname", []string{`"example.com"`, `"a"`, `"-a"`, `"a-"`, `"a..b"`, `"a."`,
			`"ex_ample"`}},
		{"text:ipv4", []string{`"192.0.2.1"`, `"256.0.0.1"`, `"1.2.3"`, `"01.2.3.4"`}},
		{"text:ipv6", []string{`"2001:db8::1"`, `"::"`, `"2001:db8::1%eth0"`, `":::"`}},
		{"text:cidrv4", []string{`"10.0.0.0/8"`, `"10.0.0.0/33"`, `"10.0.0.0"`}},
		{"text:cidrv6", []string{`"2001:db8::/32"`, `"2001:db8::/129"`}},
		{"text:base64", []string{`"aGVsbG8="`, `"aGVsbG8"`, `""`, `"a-_="`}},
		{"text:base64url", []string{`"aGVsbG8"`, `"aGVsbG8="`, `"a-_b"`}},
		{"text:jwt", []string{
			`"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2ln"`, `"eyJ0eXAiOiJKV1QifQ.e30.x"`, `"a.b.c"`,
			`"a.b"`,
			`"eyJhbGciOiJIUzI1NiJ9.x.y"`, `"eyJhbGciOiJIUzI1NiIsInR5cCI6IkEifQ==.x.y"`, `"..."`, `"W10.x.y"`,
			`"eyJhbGciOiJIUzI1NiJ9==.x.y"`, `"eyJhbGciOiIifQ.x.y"`,
		}},
		{"text:nanoid", []string{`"V1StGXR8_Z5jdHi6B-myT"`, `"short"`}},
		{"text:cuid2", []string{`"tz4a98xxat96iws9zmbrgj3a"`, `"ABC"`}},
		{"text:ulid", []string{`"01ARZ3NDEKTSV4RRFFQ69G5FAV"`, `"01ARZ3NDEKTSV4RRFFQ69G5FAU"`, `"x"`}},
		{"text:e164", []string{`"+4930123456"`, `"4930123456"`, `"+0123456789"`}},
		{"text:mac", []string{`"00:1A:2B:3C:4D:5E"`, `"00:1a:2B:3C:4D:5E"`, `"00-1A-2B-3C-4D-5E"`}},
		{"text:url", []string{
			`"https://example.com/a?b#c"`, `"http:a"`, `" http://a "`, `"http://ü.de"`, `"mailto:x"`,
			`"a"`, `""`,
			`"http://"`, `"http://a b"`, `"http://a:99999"`, `"http://[::1]"`, `"http://[::1"`, `"//a"`,
			`"http://256.1.1.1"`, `"file:///a"`, `"javascript:1"`, `"http://a\tb"`, `"http://u@"`,
		}},
		{"text:starts", []string{`"a.bc"`, `"axb"`, `"a.b"`, `"xa.b"`, `"a.b\n"`}},
		{"text:ends", []string{`"xyz"`, `"z"`, `"zx"`, `"z\n"`}},
		{"text:includes", []string{`"a+b"`, `"ab"`}},
		{"text:regex", []string{`"Abc"`, `"\u00a0Abc"`, `"\ufeffAbc"`, `"\u200bAbc"`, `"ABC"`,
			`"Abc\n"`, `"Äbc"`}},
		{"text:any-char", []string{`"a"`, `"é"`, `"😀"`, `"\n"`, `"\u2028"`, `""`, `"\u0085"`}},
		{"text:ahead", []string{`"abc1"`, `"abcd"`, `"ab 1"`, `"a1"`}},
		{"text:behind", []string{`"$5"`, `"€5"`, `"cost: $15"`}},
		{"text:backref", []string{`"aa"`, `"ab"`, `"😀😀"`, `"11"`}},
		{"text:letters", []string{`"abc"`, `"日本"`, `"a1"`, `"𝒜"`, `""`}},
		{"text:two", []string{`"ab"`, `"a"`, `"b"`, `"xbxa"`}},
		{"text:upper", []string{`"ABC"`, `"AbC"`, `"Ä1"`, `"ä"`}},
		{"text:template", []string{`"id-5"`, `"id-"`, `"id--1.5"`, `"id-x"`}},
	}
}

func numberPayloads() []payloadCase {
	return []payloadCase{
		{"number:any", []string{`1`, `-0`, `1.5`, `1e400`, `-1e400`, `1e-400`, `"1"`, `null`,
			`1e308`, `true`}},
		{"number:int", []string{
			`1`, `1.0`, `1.5`, `9007199254740991`, `9007199254740992`, `9007199254740993`,
			`-9007199254740991`, `-9007199254740992`, `1e3`, `1e-1`, `1e400`, `"1"`,
		}},
		{"number:int32", []string{`2147483647`, `2147483648`, `-2147483648`, `-2147483649`}},
		{"number:positive", []string{`1`, `0`, `-1`, `1e-320`, `1e-400`}},
		{"number:range", []string{`-1`, `-1.0000000000000002`, `1.5`, `1.5000000000000002`,
			`1.50000000000000001`}},
		{"number:below", []string{`9.99`, `10`, `9.9999999999999999`}},
		{"number:cents", []string{`0.07`, `1.1`, `2.03`, `0.005`, `19.99`, `1e22`, `123456789.01`,
			`0.015`}},
		{"number:tenths", []string{`0.3`, `0.7`, `0.25`, `1.1`, `-0.3`, `0`, `1e400`}},
		{"number:sevens", []string{`49`, `50`, `-7`, `0`, `9007199254740991`, `9007199254740988`}},
		{"number:float32", []string{`1.5`, `3.5e38`, `0.1`}},
	}
}

func shapePayloads() []payloadCase {
	return []payloadCase{
		{"shape:created", []string{
			`{"userId":"1","email":"a@b.de"}`,
			`{"userId":"1","email":"a@b.de","plan":"pro","age":3,"more":[]}`,
			`{"userId":"1"}`, `{"userId":1,"email":"x","age":-1,"plan":"gold"}`, `[]`, `null`,
			`{"userId":"1","email":"a@b.de","age":null}`, `{"userId":"1","email":"a@b.de","userId":2}`,
			`{"userId":2,"email":"a@b.de","userId":"1"}`, `{"userId":"1","email":"a@b.de","__proto__":1}`,
		}},
		{"shape:created:more:parts", []string{`{}`, `{"userId":"1","email":"a@b.de"}`}},
		{"shape:created:", []string{`{}`}},
		{"shape:strict", []string{`{"a":"x"}`, `{"a":"x","b":1}`, `{}`}},
		{"shape:loose", []string{`{"a":"x","b":1}`, `{"b":1}`}},
		{"shape:catchall", []string{`{"a":"x","b":1}`, `{"a":"x","b":"1"}`}},
		{"shape:nullable", []string{`{"a":null}`, `{"a":"x","b":null}`, `{"b":"x"}`, `{"a":1}`}},
		{"shape:enum", []string{`"a"`, `"c"`, `1`}},
		{"shape:literal", []string{`"a"`, `1`, `1.0`, `null`, `"1"`, `2`, `true`}},
		{"shape:union", []string{`"ab"`, `"a"`, `5`, `[true]`, `[1]`, `{}`, `[]`}},
		{"shape:either", []string{
			`{"kind":"card","number":"1234"}`, `{"kind":"card","number":"12"}`, `{"kind":"cash","amount":1}`,
			`{"kind":"cash","number":"1234"}`, `{"kind":"other"}`, `{}`,
		}},
		{"shape:xor", []string{`"a"`, `"ab"`, `"abcd"`}},
		{"shape:both", []string{`{"a":"x","b":1}`, `{"a":"x"}`, `{"b":1}`, `{"a":"x","b":1,"c":1}`}},
		{"shape:tuple", []string{`["a",1]`, `["a"]`, `["a",1,2]`, `[1,"a"]`, `{}`}},
		{"shape:rest", []string{`["a"]`, `["a",1,2]`, `["a","b"]`, `[]`}},
		{"shape:list", []string{`[1]`, `[]`, `[1,2,3]`, `[1,2,3,4]`, `[1,1.5]`}},
		{"shape:record", []string{`{"a":1}`, `{}`, `{"A":1}`, `{"a":"x"}`, `[]`}},
		{"shape:complete", []string{`{"a":1,"b":2}`, `{"a":1}`, `{"a":1,"b":2,"c":3}`}},
		{"shape:partial", []string{`{"a":1}`, `{}`, `{"c":1}`}},
		{"shape:patterns", []string{`{"x-a":1}`, `{"x-a":"b"}`, `{"y":"b"}`}},
		{"shape:tree", []string{
			`{"name":"a","children":[{"name":"b","children":[]}]}`,
			`{"name":"a","children":[{"name":"","children":[]}]}`,
			`{"name":"a"}`, `{"name":"a","children":[{"name":"b","children":[{"name":"c","children":[1]}]}]}`,
		}},
		{"shape:addresses", []string{
			`{"home":{"city":"x","zip":"12345"}}`, `{"home":{"city":"x","zip":"1234"}}`,
			`{"home":{"city":"x","zip":"12345"},"work":{"city":1}}`,
		}},
		{"shape:any", []string{`1`, `null`, `{"a":1e400}`, `[]`}},
		{"shape:never", []string{`{}`, `{"a":1}`, `{"b":1}`}},
		{"shape:null", []string{`null`, `0`, `"null"`}},
		{"shape:boolean", []string{`true`, `false`, `0`, `"true"`}},
		{"shape:unicode", []string{`{"ключ/~1":"я"}`, `{"ключ/~1":"😀"}`, `{"ключ/~1":"яя"}`,
			`{"ключ":"я"}`}},
		{"shape:nested:email", []string{`{"to":"a@b.de"}`, `{"to":"x"}`, `{}`}},
		{"shape:nested:sms:urgent", []string{`{"to":"+4930123456"}`, `{"to":"x"}`}},
		// Nothing judges a group, an unknown event, an unknown namespace, or no namespace.
		{"shape:nested", []string{`{}`, `1`}},
		{"shape:nested:fax", []string{`1`}},
		{"shape:unknown", []string{`1`}},
		{"unknown:event", []string{`1`}},
		{"shape", []string{`1`}},
		{"created", []string{`1`}},
		{"shapes:created", []string{`1`}},
		{"other:with:colon", []string{`1`, `"x"`}},
		{"", []string{`1`}},
	}
}

package eventschema_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"testing"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/eventschema"
)

const userSchema = `{"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}`

// Example binds an event to a Go type and to a JSON Schema, publishes one and listens.
func Example() {
	ctx := context.Background()
	schemas, err := eventschema.Define(map[string]string{"user:created": userSchema})
	if err != nil {
		log.Fatal(err)
	}
	client, err := store.Open("memory://", store.WithService("shop"))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	type user struct {
		ID string `json:"id,omitempty"`
	}
	created := store.EventType[user]{Name: "user:created", Schema: schemas}
	for n, err := range created.Subscribe(ctx, client.Events(), store.SubscribeOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		if n.Subscribed != nil {
			_, err := created.Publish(ctx, client.Events(), user{}, store.PublishOptions{})
			fmt.Println(errors.Is(err, store.CodeSchemaValidation))
			_, err = created.Publish(ctx, client.Events(), user{ID: "7"}, store.PublishOptions{})
			fmt.Println(err)
			continue
		}
		fmt.Println(n.Event.Channel, n.Data.ID, n.Err)
		break
	}
	// Output:
	// true
	// <nil>
	// user:created 7 <nil>
}

func define(t *testing.T, name, schema string) *eventschema.Registry {
	t.Helper()
	r, err := eventschema.Define(map[string]string{name: schema})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestJoin(t *testing.T) {
	users, jobs := define(t, "user:created", userSchema), define(t, "job:done", `{"type":"null"}`)
	both, err := eventschema.Join(users, jobs)
	if err != nil {
		t.Fatal(err)
	}
	for event, payload := range map[string]string{"user:created": `{"id":1}`, "job:done": "1"} {
		known, violations, err := both.Validate(event, store.Value(payload))
		if !known || len(violations) != 1 || err != nil {
			t.Errorf("%s: %v %v %v", event, known, violations, err)
		}
	}
	_, err = eventschema.Join(users, define(t, "user:removed", "{}"))
	if !errors.Is(err, store.CodeDuplicateNamespace) {
		t.Errorf("joined two registries of one namespace: %v", err)
	}
}

func TestDefineRefuses(t *testing.T) {
	for name, want := range map[string]store.Code{
		"user": store.CodeMissingNamespace, "user:a b": store.CodeInvalidEventName,
		"ign:x": store.CodeReservedNamespace,
	} {
		_, err := eventschema.Define(map[string]string{name: "{}"})
		if !errors.Is(err, want) {
			t.Errorf("%q: %v, not %s", name, err, want)
		}
	}
	_, err := eventschema.Define(map[string]string{"user:created": "{"})
	if !errors.Is(err, store.CodeConfigurationInvalid) {
		t.Errorf("half a schema: %v", err)
	}
}

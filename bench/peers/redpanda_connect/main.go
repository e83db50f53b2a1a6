// SPDX-License-Identifier: Apache-2.0

// Redpanda Connect with only the components that connect.yaml needs; go.mod says which version.
// connect.yaml says what it does and how to run it alone.
package main

import (
	"context"

	"github.com/redpanda-data/benthos/v4/public/service"

	_ "github.com/redpanda-data/benthos/v4/public/components/pure"
	_ "github.com/redpanda-data/connect/v4/public/components/kafka"
)

func main() {
	service.RunCLI(context.Background())
}

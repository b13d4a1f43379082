// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.metrics.BrokerMetrics;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.Scheduler;

import java.util.random.RandomGenerator;

/** What every plugin is given in some form. */
record Surroundings(
        Clock clock, Scheduler scheduler, RandomGenerator random, BrokerMetrics metrics) {}

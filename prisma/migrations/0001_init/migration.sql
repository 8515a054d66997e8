-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "room_state" AS ENUM ('OPEN', 'PAUSED', 'CLOSED');

-- CreateEnum
CREATE TYPE "reservation_status" AS ENUM ('HELD', 'CONFIRMED', 'EXPIRED', 'CANCELLED', 'REFUNDED');

-- CreateEnum
CREATE TYPE "transfer_kind" AS ENUM ('GRANT', 'CHARGE', 'PAY', 'REFUND');

-- CreateEnum
CREATE TYPE "room_event_kind" AS ENUM ('ENTERED', 'CALLED', 'PAID', 'LEFT', 'LAPSED', 'SWEPT', 'REMOVED');

-- CreateTable
CREATE TABLE "customers" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL DEFAULT '',
    "active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "customers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "accounts" (
    "id" BIGSERIAL NOT NULL,
    "customer_id" BIGINT NOT NULL,
    "balance" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "transfers" (
    "id" BIGSERIAL NOT NULL,
    "kind" "transfer_kind" NOT NULL,
    "from_account_id" BIGINT,
    "to_account_id" BIGINT,
    "amount" BIGINT NOT NULL,
    "balance_after" BIGINT NOT NULL,
    "ref_type" TEXT NOT NULL,
    "ref_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "transfers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rooms" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "state" "room_state" NOT NULL DEFAULT 'OPEN',
    "capacity" INTEGER NOT NULL,
    "admit_per_minute" INTEGER,
    "slot_seconds" INTEGER NOT NULL,
    "claim_seconds" INTEGER NOT NULL,
    "grace_seconds" INTEGER NOT NULL,
    "waiting_max" INTEGER NOT NULL,
    "poll_budget_per_second" INTEGER NOT NULL,
    "opens_at" TIMESTAMPTZ(3),
    "closes_at" TIMESTAMPTZ(3),
    "title" TEXT NOT NULL DEFAULT '',
    "message" TEXT NOT NULL DEFAULT '',
    "colour" TEXT NOT NULL DEFAULT '',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rooms_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "room_events" (
    "id" BIGSERIAL NOT NULL,
    "room_id" TEXT NOT NULL,
    "customer_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "kind" "room_event_kind" NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "eta_p50" INTEGER,
    "eta_p90" INTEGER,

    CONSTRAINT "room_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "concerts" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "artist" TEXT NOT NULL,
    "room_id" TEXT NOT NULL,
    "sale_begin_at" TIMESTAMPTZ(3) NOT NULL,
    "sale_end_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "concerts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "options" (
    "id" BIGSERIAL NOT NULL,
    "concert_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "perform_at" TIMESTAMPTZ(3) NOT NULL,
    "price" BIGINT NOT NULL,
    "capacity_limit" INTEGER NOT NULL,
    "refund_until" TIMESTAMPTZ(3),
    "cancelled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "options_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "reservations" (
    "id" BIGSERIAL NOT NULL,
    "customer_id" BIGINT NOT NULL,
    "concert_id" BIGINT NOT NULL,
    "room_id" TEXT NOT NULL,
    "slot_seq" BIGINT NOT NULL,
    "reserver_name" TEXT NOT NULL,
    "status" "reservation_status" NOT NULL,
    "total" BIGINT NOT NULL,
    "claim_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "reservations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tickets" (
    "id" BIGSERIAL NOT NULL,
    "reservation_id" BIGINT,
    "option_id" BIGINT NOT NULL,
    "seat" INTEGER NOT NULL,
    "price" BIGINT NOT NULL,
    "live" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tickets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payments" (
    "id" BIGSERIAL NOT NULL,
    "reservation_id" BIGINT NOT NULL,
    "customer_id" BIGINT NOT NULL,
    "method" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "payments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "customer_id" BIGINT NOT NULL,
    "operation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "outcome" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("customer_id","operation","key")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "available_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "delivered_at" TIMESTAMPTZ(3),

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "admin_audit" (
    "id" BIGSERIAL NOT NULL,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "request_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "admin_audit_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "accounts_customer_id_key" ON "accounts"("customer_id");

-- CreateIndex
CREATE INDEX "transfers_from_account_id_id_idx" ON "transfers"("from_account_id", "id");

-- CreateIndex
CREATE INDEX "transfers_to_account_id_id_idx" ON "transfers"("to_account_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "transfers_kind_ref_type_ref_id_key" ON "transfers"("kind", "ref_type", "ref_id");

-- CreateIndex
CREATE INDEX "room_events_room_id_at_idx" ON "room_events"("room_id", "at");

-- CreateIndex
CREATE INDEX "room_events_customer_id_id_idx" ON "room_events"("customer_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "room_events_room_id_customer_id_seq_kind_key" ON "room_events"("room_id", "customer_id", "seq", "kind");

-- CreateIndex
CREATE INDEX "options_concert_id_idx" ON "options"("concert_id");

-- CreateIndex
CREATE INDEX "reservations_customer_id_id_idx" ON "reservations"("customer_id", "id");

-- CreateIndex
CREATE INDEX "tickets_reservation_id_idx" ON "tickets"("reservation_id");

-- CreateIndex
CREATE UNIQUE INDEX "payments_reservation_id_key" ON "payments"("reservation_id");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- AddForeignKey
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_from_account_id_fkey" FOREIGN KEY ("from_account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_to_account_id_fkey" FOREIGN KEY ("to_account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "concerts" ADD CONSTRAINT "concerts_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "options" ADD CONSTRAINT "options_concert_id_fkey" FOREIGN KEY ("concert_id") REFERENCES "concerts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reservations" ADD CONSTRAINT "reservations_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reservations" ADD CONSTRAINT "reservations_concert_id_fkey" FOREIGN KEY ("concert_id") REFERENCES "concerts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_reservation_id_fkey" FOREIGN KEY ("reservation_id") REFERENCES "reservations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_option_id_fkey" FOREIGN KEY ("option_id") REFERENCES "options"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payments" ADD CONSTRAINT "payments_reservation_id_fkey" FOREIGN KEY ("reservation_id") REFERENCES "reservations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say.

-- The final judge of seats: however a request came here, a seat of an option is live at most once.
CREATE UNIQUE INDEX "tickets_one_live_per_seat" ON "tickets" ("option_id", "seat") WHERE "live";

-- One hold per customer. Also how a hold is found when it is paid.
CREATE UNIQUE INDEX "reservations_one_held_per_customer" ON "reservations" ("customer_id") WHERE "status" = 'HELD';

-- The holds that are due, found without reading the others.
CREATE INDEX "reservations_held_expiry" ON "reservations" ("expires_at", "id") WHERE "status" = 'HELD';

-- What a cancelled performance still has to give back.
CREATE INDEX "options_cancelled" ON "options" ("id") WHERE "cancelled_at" IS NOT NULL;

CREATE INDEX "outbox_pending" ON "outbox" ("available_at", "id") WHERE "delivered_at" IS NULL;
CREATE INDEX "outbox_delivered" ON "outbox" ("delivered_at") WHERE "delivered_at" IS NOT NULL;

ALTER TABLE "accounts" ADD CONSTRAINT "accounts_no_debt" CHECK ("balance" >= 0);
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_positive" CHECK ("amount" > 0);
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_one_side_is_the_world"
  CHECK (("from_account_id" IS NULL) <> ("to_account_id" IS NULL));
ALTER TABLE "options" ADD CONSTRAINT "options_price" CHECK ("price" >= 0);
ALTER TABLE "options" ADD CONSTRAINT "options_capacity" CHECK ("capacity_limit" >= 1);
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_seat" CHECK ("seat" >= 1 AND "price" >= 0);
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_block_costs_nothing" CHECK ("reservation_id" IS NOT NULL OR "price" = 0);
ALTER TABLE "reservations" ADD CONSTRAINT "reservations_total" CHECK ("total" >= 0);
ALTER TABLE "reservations" ADD CONSTRAINT "reservations_times" CHECK (
  ("confirmed_at" IS NOT NULL) = ("status" IN ('CONFIRMED', 'REFUNDED'))
  AND ("ended_at" IS NOT NULL) = ("status" IN ('EXPIRED', 'CANCELLED', 'REFUNDED')));
ALTER TABLE "payments" ADD CONSTRAINT "payments_amount" CHECK ("amount" >= 0);
ALTER TABLE "rooms" ADD CONSTRAINT "rooms_limits" CHECK (
  "capacity" >= 0 AND ("admit_per_minute" IS NULL OR "admit_per_minute" >= 0) AND "slot_seconds" > 0
  AND "claim_seconds" > 0 AND "grace_seconds" > 0 AND "waiting_max" >= 0 AND "poll_budget_per_second" > 0);

-- The ledger is append-only: a mistake is mended by another transfer.
-- Written with \x3B for the semicolons inside: the migration engine cuts the file at every other one.
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS
  E'BEGIN RAISE EXCEPTION ''% is append-only'', TG_TABLE_NAME USING ERRCODE = ''restrict_violation''\x3B END\x3B';
CREATE TRIGGER "transfers_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "transfers"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "admin_audit_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "admin_audit"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

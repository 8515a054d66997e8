-- What the record of a room needs so that its order and its rate can be checked from it.

-- AlterTable
ALTER TABLE "room_events" ADD COLUMN     "by_hand" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "returned" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "invariant_results" (
    "id" TEXT NOT NULL,
    "violations" BIGINT NOT NULL,
    "checked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "invariant_results_pkey" PRIMARY KEY ("id")
);

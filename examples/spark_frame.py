"""A Spark data frame through `mapInArrow`.

spark-submit examples/spark_frame.py articles.parquet cleaned.parquet
"""

import sys

from pyspark.sql import DataFrame, SparkSession

from cleaner.pipelines.arrow import TableCleaner


def clean_frame(frame: DataFrame) -> DataFrame:
    """The frame with its column `text` cleaned."""
    return frame.mapInArrow(TableCleaner("text").batches, frame.schema)


if __name__ == "__main__":
    spark = SparkSession.builder.getOrCreate()
    clean_frame(spark.read.parquet(sys.argv[1])).write.parquet(sys.argv[2])
    spark.stop()

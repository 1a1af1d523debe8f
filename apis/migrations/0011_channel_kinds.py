import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("apis", "0010_token_purpose")]

    operations = [
        migrations.AlterField(model_name="channel", name="kind", field=models.CharField(max_length=20)),
        migrations.AddField(
            model_name="channel",
            name="account",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="apis.account",
            ),
        ),
    ]
